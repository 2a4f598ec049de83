"""The lifecycle of a solution, and of every catalogue entry that is reviewed before it is public."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class SolutionState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤回")


SOLUTION_ACTIONS = {
    "submit": Transition(frozenset({"draft", "returned", "withdrawn"}), "submitted", "owner"),
    "publish": Transition(frozenset({"submitted"}), "published", "operator"),
    "return": Transition(frozenset({"submitted", "published"}), "returned", "operator"),
    "withdraw": Transition(frozenset({"submitted", "published"}), "withdrawn", "owner"),
}
