"""What a lifecycle is: a table of actions.

A lifecycle is `TextChoices` for the states, one `dict[action, Transition]`, and a `Lifecycle` on the model that says
which column the table is about and how the audit trail names its steps. Actions change a state through
`accounts.audit.step`; tests walk the table and refuse every action from every other state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from lib.refusals import WrongState


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a lifecycle table: from which states an action leads where, and whose turn it is."""

    sources: frozenset[str]
    target: str
    actor: str  # who may do it, spelled out in permissions.py: "owner", "system", "owner or operator" …

    @property
    def actors(self) -> frozenset[str]:
        return frozenset(self.actor.split(" or "))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The lifecycle of one model: `table` is about its column `field`.

    `audited_as` is how the audit trail names a step, with a place for the verb: "need.{}", "contract.milestone_{}".
    """

    table: Mapping[str, Transition]
    audited_as: str
    field: str = "state"


def next_state(*, table: Mapping[str, Transition], action: str, state: str) -> str:
    """Return the state `action` leads to from `state`; raise `WrongState` when the table forbids it."""
    transition = table[action]
    if state not in transition.sources:
        raise not_in_this_state()
    return transition.target


def not_in_this_state() -> WrongState:
    """What a person reads whose page is older than the row."""
    return WrongState(gettext("当前状态不允许此操作，页面可能已过期，请刷新后再试。"))


def check_still_as_read(*, changed_at: datetime, read_at: datetime | None) -> None:
    """Nobody decides on a text they have not read: raise `WrongState` when it changed after `read_at`.

    `read_at` is when the page was made that the decision comes from; None where there is no page.
    """
    if read_at is not None and changed_at > read_at:
        raise WrongState(gettext("内容在您打开页面之后又有修改，请看过新的内容再决定。"))
