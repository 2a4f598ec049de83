"""What each side may do to a milestone."""

from contracts.contract.permissions import ACTOR_OF
from contracts.contract.workflow import ContractState
from contracts.delivery.workflow import MILESTONE_ACTIONS
from contracts.models import Contract, Side


def milestone_actions(sides: frozenset[Side], *, contract: Contract, state: str) -> frozenset[str]:
    """What somebody who writes for `sides` may do now to a milestone of `contract` in `state`."""
    if contract.state != ContractState.SIGNED:
        return frozenset()
    actors = {ACTOR_OF[side] for side in sides}
    return frozenset(name for name, step in MILESTONE_ACTIONS.items() if step.actors & actors and state in step.sources)
