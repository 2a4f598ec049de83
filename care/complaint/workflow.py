"""The lifecycle of a complaint."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class ComplaintState(models.TextChoices):
    OPEN = "open", _("待受理")
    MEDIATING = "mediating", _("调解中")
    SETTLED = "settled", _("已和解")
    DISMISSED = "dismissed", _("不予支持")
    WITHDRAWN = "withdrawn", _("已撤回")


COMPLAINT_ACTIONS = {
    "take_up": Transition(frozenset({"open"}), "mediating", "operator"),
    "settle": Transition(frozenset({"mediating"}), "settled", "operator"),
    "dismiss": Transition(frozenset({"open", "mediating"}), "dismissed", "operator"),
    "withdraw": Transition(frozenset({"open", "mediating"}), "withdrawn", "complainant"),
}

UNFINISHED = frozenset({ComplaintState.OPEN, ComplaintState.MEDIATING})
