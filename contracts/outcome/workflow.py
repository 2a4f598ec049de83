"""The states of a success case and the steps between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class CaseState(models.TextChoices):
    DRAFT = "draft", _("待双方确认")
    PUBLISHED = "published", _("已公开")


CASE_ACTIONS = {
    "change": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # takes back both approvals
    "approve": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # one of two
    "publish": Transition(frozenset({"draft"}), "published", "system"),  # the second approval
    "withdraw": Transition(frozenset({"published"}), "draft", "owner or supplier"),
}
