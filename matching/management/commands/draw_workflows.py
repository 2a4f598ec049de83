"""`manage.py draw_workflows`: writes docs/workflows.md from the lifecycle tables; a test compares both."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import TextChoices

from accounts.workflow import VERIFICATION, Transition, VerificationState
from matching.workflow import (
    COMPLAINT_ACTIONS,
    REVIEW_ACTIONS,
    RUN_ACTIONS,
    ComplaintState,
    ReviewState,
    RunState,
)
from needs import workflow as needs
from solutions.workflow import SOLUTION_ACTIONS, SolutionState

PAGE = Path(settings.BASE_DIR) / "docs" / "workflows.md"
HEAD = """# Workflows

Written by `manage.py draw_workflows` from the tables in the `workflow.py` files; a test fails when it is out of date.
An arrow names the action and who may take it. An action in a state without such an arrow is refused.
"""


def lifecycles() -> Iterator[tuple[str, str, type[TextChoices], Mapping[str, Transition]]]:
    """Title, where the table stands, states, table."""
    yield "Technical need", "needs/workflow.py", needs.NeedState, needs.NEED_ACTIONS
    yield "Challenge (揭榜, 抢单)", "needs/workflow.py", needs.ChallengeState, needs.CHALLENGE_ACTIONS
    yield "Bid or claim", "needs/workflow.py", needs.BidState, needs.BID_ACTIONS
    yield "Objection or appeal", "needs/workflow.py", needs.DecisionState, needs.DECISION_ACTIONS
    yield "Reviewer of a challenge", "needs/workflow.py", needs.ReviewerState, needs.REVIEWER_ACTIONS
    yield "Scorecard", "needs/workflow.py", needs.ScorecardState, needs.SCORECARD_ACTIONS
    yield "Contract", "needs/workflow.py", needs.ContractState, needs.CONTRACT_ACTIONS
    yield "Milestone", "needs/workflow.py", needs.MilestoneState, needs.MILESTONE_ACTIONS
    yield "Success case", "needs/workflow.py", needs.CaseState, needs.CASE_ACTIONS
    yield "Output and institution profile", "solutions/workflow.py", SolutionState, SOLUTION_ACTIONS
    yield "Review of a match", "matching/workflow.py", ReviewState, REVIEW_ACTIONS
    yield "Complaint", "matching/workflow.py", ComplaintState, COMPLAINT_ACTIONS
    yield "Matching run", "matching/workflow.py", RunState, RUN_ACTIONS
    yield "Verification of an organisation", "accounts/workflow.py", VerificationState, VERIFICATION


def page() -> str:
    """The whole of docs/workflows.md."""
    return HEAD + "".join(_section(*lifecycle) for lifecycle in lifecycles())


def _section(title: str, place: str, states: type[TextChoices], table: Mapping[str, Transition]) -> str:
    lines = [f"\n## {title}\n", f"`{place}`\n", "```mermaid", "stateDiagram-v2", f"  [*] --> {states.values[0]}"]
    for action, transition in table.items():
        for source in [value for value in states.values if value in transition.sources]:
            lines.append(f"  {source} --> {transition.target}: {action} ({transition.actor})")
    ends = [value for value in states.values if not any(value in row.sources for row in table.values())]
    lines += [f"  {value} --> [*]" for value in ends]
    return "\n".join([*lines, "```", ""])


class Command(BaseCommand):
    help = "Write docs/workflows.md from the lifecycle tables."

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(page(), encoding="utf-8")
