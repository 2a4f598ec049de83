"""`make workflows`: writes docs/workflows.md from the lifecycle tables; a test compares both."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db.models import TextChoices

from accounts.organisation.workflow import VERIFICATION, VerificationState
from care.complaint.workflow import COMPLAINT_ACTIONS, ComplaintState
from challenges.bid import workflow as bid_workflow
from challenges.challenge import workflow as challenge_workflow
from challenges.objection import workflow as objection_workflow
from challenges.review import workflow as review_workflow
from contracts.contract import workflow as contract_workflow
from contracts.delivery import workflow as delivery_workflow
from contracts.outcome import workflow as outcome_workflow
from lib.transitions import Transition
from matching.learning.workflow import WEIGHTING_ACTIONS, WeightingState
from matching.matches.workflow import REVIEW_ACTIONS, ReviewState
from matching.runs.workflow import RUN_ACTIONS, RunState
from matching.similar.workflow import DUPLICATE_ACTIONS, DuplicateState
from needs.need import workflow as need_workflow
from solutions.solution.workflow import SOLUTION_ACTIONS, SolutionState

# Columns of the permission matrix, in this order.
_ACTORS = ["owner", "supplier", "reviewer", "complainant", "operator", "system"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "workflows.md"
HEAD = """# Workflows

Written by `make workflows` from the tables in the `workflow.py` files; a test fails when it is out of date.
An arrow names the action and who may take it. An action in a state without such an arrow is refused.
The table under each picture is the permission matrix: ● may, · is refused. `owner` is whoever writes for the
organisation the thing belongs to (for challenges and contracts: the poser of the need), `supplier` whoever writes for
the bidding or delivering organisation, `system` the clock or the step of another action. A read-only member never acts,
an outsider is answered 404. Tests refuse every dot and every other state, parametrised from these same tables.
"""


LIFECYCLES: list[tuple[str, type[TextChoices], Mapping[str, Transition]]] = [
    ("Technical need", need_workflow.NeedState, need_workflow.NEED_ACTIONS),
    ("Challenge (揭榜, 抢单)", challenge_workflow.ChallengeState, challenge_workflow.CHALLENGE_ACTIONS),
    ("Bid or claim", bid_workflow.BidState, bid_workflow.BID_ACTIONS),
    ("Objection or appeal", objection_workflow.DecisionState, objection_workflow.DECISION_ACTIONS),
    ("Reviewer of a challenge", review_workflow.ReviewerState, review_workflow.REVIEWER_ACTIONS),
    ("Scorecard", review_workflow.ScorecardState, review_workflow.SCORECARD_ACTIONS),
    ("Contract", contract_workflow.ContractState, contract_workflow.CONTRACT_ACTIONS),
    ("Milestone", delivery_workflow.MilestoneState, delivery_workflow.MILESTONE_ACTIONS),
    ("Success case", outcome_workflow.CaseState, outcome_workflow.CASE_ACTIONS),
    ("Output and institution profile", SolutionState, SOLUTION_ACTIONS),
    ("Review of a match", ReviewState, REVIEW_ACTIONS),
    ("Complaint", ComplaintState, COMPLAINT_ACTIONS),
    ("Matching run", RunState, RUN_ACTIONS),
    ("Learnt weights", WeightingState, WEIGHTING_ACTIONS),
    ("Near-duplicate", DuplicateState, DUPLICATE_ACTIONS),
    ("Verification of an organisation", VerificationState, VERIFICATION),
]


def page() -> str:
    """The whole of docs/workflows.md."""
    return HEAD + "".join(_section(*lifecycle) for lifecycle in LIFECYCLES)


def _section(title: str, states: type[TextChoices], table: Mapping[str, Transition]) -> str:
    place = f"{states.__module__.replace('.', '/')}.py"
    lines = [f"\n## {title}\n", f"`{place}`\n", "```mermaid", "stateDiagram-v2", f"  [*] --> {states.values[0]}"]
    for action, transition in table.items():
        for source in [value for value in states.values if value in transition.sources]:
            lines.append(f"  {source} --> {transition.target}: {action} ({transition.actor})")
    ends = [value for value in states.values if not any(value in row.sources for row in table.values())]
    lines += [f"  {value} --> [*]" for value in ends]
    return "\n".join([*lines, "```", "", *_matrix(states, table), ""])


def _matrix(states: type[TextChoices], table: Mapping[str, Transition]) -> Iterator[str]:
    """Who may take which action, a row per action."""
    actors = sorted({actor for row in table.values() for actor in row.actors}, key=_ACTORS.index)
    yield f"| action | from | to | {' | '.join(actors)} |"
    yield "|---" * (3 + len(actors)) + "|"
    for action, row in table.items():
        sources = ", ".join(value for value in states.values if value in row.sources)
        marks = " | ".join("●" if actor in row.actors else "·" for actor in actors)
        yield f"| {action} | {sources} | {row.target} | {marks} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
