"""The lifecycle of a technical need: the first file to read in this app."""

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
    "withdraw": Transition(frozenset({"submitted"}), "withdrawn", "supplier"),
    "award": Transition(frozenset({"submitted"}), "awarded", "owner"),
    "decline": Transition(frozenset({"submitted"}), "declined", "owner"),
    "refuse": Transition(frozenset({"awarded"}), "declined", "owner"),  # 抢单: within the days agreed
    "lapse": Transition(frozenset({"awarded"}), "declined", "system"),  # 抢单: unfit when the days had passed
    "dismiss": Transition(frozenset({"submitted"}), "declined", "system"),  # 流标 and 终止 answer every bid
    "reconsider": Transition(frozenset({"awarded", "declined"}), "submitted", "operator"),  # appeal or objection upheld
}
