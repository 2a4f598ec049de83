"""Who may do what with entries. Reading is `Solution.objects.visible_to`."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Organisation, User, is_operator
from accounts.permissions import Denied, belongs_to, check_writes_for, writes_for
from solutions.kinds import kind_of
from solutions.models import Solution
from solutions.solution.kind import Kind


def check_offers(user: User | AnonymousUser, organisation: Organisation, kind: Kind) -> None:
    """`user` may write entries of this kind for `organisation`."""
    check_writes_for(user, organisation)
    if not kind.is_for(organisation):
        raise Denied(str(kind.not_for))


def check_edits(user: User | AnonymousUser, solution: Solution) -> None:
    check_offers(user, solution.organisation, kind_of(solution))


def can_offer(membership: Membership | None, kind: Kind) -> bool:
    """For templates: whether this membership may write entries of this kind for its organisation."""
    return membership is not None and membership.can_write and kind.is_for(membership.organisation)


def can_edit(user: User | AnonymousUser, solution: Solution) -> bool:
    """For templates: whether to show the owner's buttons."""
    return writes_for(user, solution.organisation)


def sees_everything(user: User | AnonymousUser, solution: Solution) -> bool:
    """Non-public indicators and the way the entry went show to the owner's members and to operators."""
    return is_operator(user) or belongs_to(user, solution.organisation)
