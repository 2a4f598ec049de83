"""The lifecycles of a reviewer and of a scorecard."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class ReviewerState(models.TextChoices):
    ASSIGNED = "assigned", _("待声明")
    ACTIVE = "active", _("评审中")
    RECUSED = "recused", _("已回避")
    REMOVED = "removed", _("已撤换")


REVIEWER_ACTIONS = {
    "declare": Transition(frozenset({"assigned"}), "active", "reviewer"),  # no conflict of interest
    "recuse": Transition(frozenset({"assigned", "active"}), "recused", "reviewer"),
    "remove": Transition(frozenset({"assigned", "active"}), "removed", "owner or operator"),
}


class ScorecardState(models.TextChoices):
    DRAFT = "draft", _("未提交")
    SUBMITTED = "submitted", _("已提交")


SCORECARD_ACTIONS = {
    "save": Transition(frozenset({"draft"}), "draft", "reviewer"),
    "submit": Transition(frozenset({"draft"}), "submitted", "reviewer"),
}
