"""The lifecycle of a bid and of a claim."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class BidState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已提交")
    WITHDRAWN = "withdrawn", _("已撤回")
    AWARDED = "awarded", _("中榜")
    DECLINED = "declined", _("未中榜")


BID_ACTIONS = {
    "submit": Transition(frozenset({"draft", "submitted", "withdrawn"}), "submitted", "supplier"),
    "claim": Transition(frozenset({"draft", "withdrawn"}), "submitted", "supplier"),  # 抢单: takes a place in the queue
    "withdraw": Transition(frozenset({"submitted"}), "withdrawn", "supplier"),
    "award": Transition(frozenset({"submitted"}), "awarded", "owner"),
    "decline": Transition(frozenset({"submitted"}), "declined", "owner"),
    "offer": Transition(frozenset({"submitted"}), "awarded", "system"),  # 抢单: the first in the queue, at once
    "accept": Transition(frozenset({"awarded"}), "awarded", "owner or system"),  # 抢单: or when the days had passed
    "refuse": Transition(frozenset({"awarded"}), "declined", "owner"),  # 抢单: within the days agreed
    "lapse": Transition(frozenset({"awarded"}), "declined", "system"),  # 抢单: unfit when the days had passed
    "dismiss": Transition(frozenset({"submitted"}), "declined", "system"),  # 流标 and 终止 answer every bid
    "reconsider": Transition(frozenset({"awarded", "declined"}), "submitted", "operator"),  # appeal or objection upheld
}
