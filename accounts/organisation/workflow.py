"""The lifecycle of an organisation: its verification by an operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class VerificationState(models.TextChoices):
    PENDING = "pending", _("待核验")
    VERIFIED = "verified", _("已核验")
    REFUSED = "refused", _("未通过核验")


VERIFICATION = {
    "verify": Transition(frozenset({"pending", "refused"}), "verified", "operator"),
    "refuse": Transition(frozenset({"pending", "verified"}), "refused", "operator"),
    "resubmit": Transition(frozenset({"refused", "verified"}), "pending", "owner"),
}
