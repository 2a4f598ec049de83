"""Which success cases and ratings somebody may read."""

from django.db.models import Q, QuerySet

from accounts.models import Anyone, User
from contracts.contract.permissions import sides_of
from contracts.models import Contract, Rating, Side, SuccessCase
from contracts.outcome.workflow import CaseState

_PUBLIC_ORDER = ("-published_at", "-pk")


def public_cases() -> QuerySet[SuccessCase]:
    """Success cases both sides have published, the newest first."""
    cases = SuccessCase.objects.filter(state=CaseState.PUBLISHED)
    return (
        cases.select_related("contract__need__organisation", "contract__supplier")
        .prefetch_related("contract__figures")
        .order_by(*_PUBLIC_ORDER)
    )


def cases_visible_to(user: Anyone) -> QuerySet[SuccessCase]:
    """Published cases, and the drafts of contracts the person may see."""
    visible = Q(state=CaseState.PUBLISHED) | Q(contract__in=Contract.objects.visible_to(user).values("pk"))
    return SuccessCase.objects.filter(visible).select_related("contract__need__organisation", "contract__supplier")


def ratings_shown_to(user: User, contract: Contract) -> list[Rating]:
    """Both sides' ratings once both have rated; before that one's own only."""
    ratings = list(contract.ratings.order_by("rated_at", "pk"))
    if len(ratings) == len(Side):
        return ratings
    mine = sides_of(user, contract)
    return [rating for rating in ratings if rating.side in mine]
