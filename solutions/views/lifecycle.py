"""Which buttons a reader of an entry gets, and how what happened to it is told."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from solutions import permissions, queries
from solutions.models import Solution
from solutions.workflow import SOLUTION_ACTIONS


def actions_for(request: HttpRequest, solution: Solution) -> dict[str, bool]:
    """Flags for the template; the domain decides again when a button is pressed."""
    is_owner = permissions.can_edit(request.user, solution)
    possible = {action for action, step in SOLUTION_ACTIONS.items() if solution.state in step.sources}
    return {
        "can_edit": is_owner,
        "can_submit": is_owner and "submit" in possible,
        "can_withdraw": is_owner and "withdraw" in possible,
        "can_publish": request.is_operator and "publish" in possible,
        "can_return": request.is_operator and "return" in possible,
        "can_acknowledge": request.is_operator and solution.is_changed_since_review,
    }


def events_of(solution: Solution) -> list[dict[str, Any]]:
    """The audit trail in words, for the timeline."""
    words = {
        "solution.create": _("建立草稿"),
        "solution.import": _("导入"),
        "solution.change": _("修改内容"),
        "solution.submit": _("提交审核"),
        "solution.publish": _("审核通过并发布"),
        "solution.return": _("退回修改"),
        "solution.withdraw": _("撤回"),
        "solution.acknowledge": _("运营查看了改动"),
    }
    return [
        {
            "label": words.get(event.action, event.action),
            "at": event.at,
            "by": event.by.name if event.by else _("平台"),
            "note": event.reason,
        }
        for event in queries.history(solution)
    ]
