"""The states of a contract and the steps between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class ContractState(models.TextChoices):
    DRAFT = "draft", _("起草中")
    SIGNED = "signed", _("履行中")
    REJECTED = "rejected", _("验收不通过")
    ACCEPTED = "accepted", _("验收通过")
    SOLVED = "solved", _("问题已解决")
    TERMINATED = "terminated", _("已终止")


CONTRACT_ACTIONS = {
    "change": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # takes back both confirmations
    "confirm": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # one of two
    "sign": Transition(frozenset({"draft"}), "signed", "system"),  # the second confirmation
    "reject": Transition(frozenset({"signed"}), "rejected", "owner"),
    "resume": Transition(frozenset({"rejected"}), "signed", "owner"),
    "accept": Transition(frozenset({"signed"}), "accepted", "owner"),  # final acceptance
    "solve": Transition(frozenset({"accepted"}), "solved", "owner"),  # the enterprise's confirmation, with figures
    "terminate": Transition(frozenset({"draft", "signed", "rejected"}), "terminated", "owner or supplier or operator"),
}


# Only these count as contract value: intended money never does.
BINDING = frozenset({"signed", "rejected", "accepted", "solved"})
