"""The states of a milestone and the steps between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class MilestoneState(models.TextChoices):
    PLANNED = "planned", _("进行中")
    DELIVERED = "delivered", _("待验收")
    RETURNED = "returned", _("退回整改")
    ACCEPTED = "accepted", _("已通过")


MILESTONE_ACTIONS = {
    "deliver": Transition(frozenset({"planned", "returned"}), "delivered", "supplier"),
    "return": Transition(frozenset({"delivered"}), "returned", "owner"),
    "accept": Transition(frozenset({"delivered"}), "accepted", "owner"),
}
