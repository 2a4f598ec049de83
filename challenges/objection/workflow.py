"""The lifecycle of an objection, and of an appeal: an operator decides it once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class DecisionState(models.TextChoices):
    """Of an objection against a challenge and of a bidder's appeal."""

    OPEN = "open", _("待处理")
    UPHELD = "upheld", _("成立")
    DISMISSED = "dismissed", _("不成立")


DECISION_ACTIONS = {
    "uphold": Transition(frozenset({"open"}), "upheld", "operator"),
    "dismiss": Transition(frozenset({"open"}), "dismissed", "operator"),
}
