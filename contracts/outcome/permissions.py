"""What each side may do to the success case of a contract."""

from accounts.models import Anyone
from contracts.contract.permissions import ACTOR_OF, writing_sides
from contracts.models import Contract
from contracts.outcome.workflow import CASE_ACTIONS


def allowed_case_actions(*, user: Anyone, contract: Contract, state: str) -> frozenset[str]:
    """What `user` may do now to the success case of `contract`, which is in `state`."""
    actors = {ACTOR_OF[side] for side in writing_sides(user, contract)}
    return frozenset(name for name, step in CASE_ACTIONS.items() if step.actors & actors and state in step.sources)
