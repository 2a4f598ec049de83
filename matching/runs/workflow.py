"""The lifecycles of a run, of the operator's review of a match and of learnt weights; the answers of both sides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class RunState(models.TextChoices):
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("计算中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")


RUN_ACTIONS = {
    # `running` may start again: a killed worker leaves a stalled run that the sweep hands out anew.
    "start": Transition(frozenset({"queued", "running"}), "running", "system"),
    "finish": Transition(frozenset({"running"}), "done", "system"),
    "fail": Transition(frozenset({"running"}), "failed", "system"),
    "retry": Transition(frozenset({"running", "failed"}), "queued", "system"),
}
