"""The lifecycles of a run, of the operator's review of a match and of learnt weights; the answers of both sides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class WeightingState(models.TextChoices):
    CANDIDATE = "candidate", _("待检验")
    ACTIVE = "active", _("使用中")
    RETIRED = "retired", _("已停用")
    REJECTED = "rejected", _("未采用")


WEIGHTING_ACTIONS = {
    "promote": Transition(frozenset({"candidate"}), "active", "system"),  # proven better on what was held out
    "reject": Transition(frozenset({"candidate"}), "rejected", "system"),
    "retire": Transition(frozenset({"active"}), "retired", "system"),  # a better one takes its place
    "roll_back": Transition(frozenset({"active"}), "retired", "operator"),
    "restore": Transition(frozenset({"retired"}), "active", "system"),  # the one that took its place is rolled back
}
