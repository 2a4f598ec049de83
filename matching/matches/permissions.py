"""On which side of a match a person stands, and what that lets them see and do. Asked once a request.

The domain checks again when something is done (matching.matches.actions); this is for what pages show.
"""

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Role, User, is_operator
from matching.matches.workflow import ReviewState
from matching.models import Match
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.models import Solution


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with the organisations they belong to, so that lists ask the database once."""

    user: User | AnonymousUser
    is_operator: bool
    member_of: frozenset[int]  # primary keys of organisations
    writes_for: frozenset[int]
    is_broker: bool = False  # may take care of others' needs

    @classmethod
    def of(cls, user: User | AnonymousUser) -> Self:
        """One query; none for a visitor."""
        if isinstance(user, AnonymousUser):
            return cls(user, False, frozenset(), frozenset())
        memberships = list(Membership.objects.active().filter(user=user).select_related("organisation"))
        return cls(
            user=user,
            is_operator=is_operator(user),
            member_of=frozenset(m.organisation_id for m in memberships),
            writes_for=frozenset(m.organisation_id for m in memberships if m.can_write),
            is_broker=any(m.role == Role.BROKER and m.organisation.is_verified for m in memberships),
        )

    def sees_everything(self, need: Need) -> bool:
        """The poser's organisation, the caretaker and operators see a need's non-public indicators."""
        return (
            self.is_operator
            or need.organisation_id in self.member_of
            or (self.is_broker and need.caretaker_id == self.user.pk)
        )

    def is_buyer(self, match: Match) -> bool:
        return match.need.organisation_id in self.member_of

    def is_supplier(self, match: Match) -> bool:
        return match.solution.organisation_id in self.member_of

    def offers(self, solution: Solution) -> bool:
        return solution.organisation_id in self.member_of

    def can_answer_as_buyer(self, match: Match) -> bool:
        return match.need.organisation_id in self.writes_for and _is_open(match)

    def can_answer_as_supplier(self, match: Match) -> bool:
        """Suppliers are asked once an operator has confirmed."""
        return (
            match.solution.organisation_id in self.writes_for
            and match.review == ReviewState.CONFIRMED
            and match.need.state == NeedState.PUBLISHED
            and _is_open(match)
        )

    def can_confirm(self, match: Match) -> bool:
        return self.is_operator and match.review != ReviewState.CONFIRMED and match.need.state == NeedState.PUBLISHED

    def can_reject(self, match: Match) -> bool:
        return self.is_operator and match.review == ReviewState.UNREVIEWED


def _is_open(match: Match) -> bool:
    return match.review != ReviewState.REJECTED and match.need.is_matched and match.contacted_at is None
