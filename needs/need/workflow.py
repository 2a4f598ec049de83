"""The lifecycle of a technical need: the first file to read in this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class NeedState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤回")
    CLOSED = "closed", _("已关闭")


NEED_ACTIONS = {
    "submit": Transition(frozenset({"draft", "returned", "withdrawn"}), "submitted", "owner"),
    "publish": Transition(frozenset({"submitted"}), "published", "operator"),
    "return": Transition(frozenset({"submitted", "published"}), "returned", "operator"),
    "withdraw": Transition(frozenset({"submitted", "published"}), "withdrawn", "owner"),
    "close": Transition(frozenset({"published"}), "closed", "owner"),
    "expire": Transition(frozenset({"published"}), "closed", "system"),
}


# States in which a need is matched: its poser sees candidates from the moment of submitting.
MATCHED = frozenset({NeedState.SUBMITTED, NeedState.PUBLISHED})


# States in which the owner may change the content; a change of a matched need is scored again.
EDITABLE = frozenset({"draft", "returned", "withdrawn", "submitted", "published"})
