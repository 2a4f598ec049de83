"""The lifecycles of a run, of the operator's review of a match and of learnt weights; the answers of both sides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class DuplicateState(models.TextChoices):
    OPEN = "open", _("待处理")
    DISMISSED = "dismissed", _("不是重复")


DUPLICATE_ACTIONS = {
    "dismiss": Transition(frozenset({"open"}), "dismissed", "operator"),
}
