"""Reads that cross tables, and this app's figures for dashboards."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from accounts.domain.notifications import operators
from accounts.models import Membership, Organisation, User
from accounts.models.organisation import Role
from needs.models import Need, NeedIndicator
from needs.permissions import sees_private_indicators
from needs.workflow import MATCHED, NeedState


def indicators_shown_to(user: User, need: Need) -> list[NeedIndicator]:
    """The indicator rows of `need` that `user` may see, in order."""
    rows = need.indicators.order_by("position", "pk")
    return list(rows if sees_private_indicators(user, need) else rows.filter(is_public=True))


def state_counts(organisation: Organisation) -> dict[str, int]:
    """Number of needs of `organisation` in each state, every state named."""
    counts = dict(
        Need.objects.for_organisation(organisation)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    return {state: counts.get(state, 0) for state in NeedState.values}


def review_counts() -> dict[str, int]:
    """How many needs wait for an operator: `submitted` and `changed` since the last review."""
    return {
        "submitted": Need.objects.awaiting_review().count(),
        "changed": Need.objects.changed_since_review().count(),
    }


def open_need_count() -> int:
    """Published needs: what is open now, for everybody."""
    return Need.objects.published().count()


def latest_published(*, limit: int) -> QuerySet[Need]:
    """The newest published needs with their organisations."""
    return Need.objects.published().select_related("organisation").order_by("-published_at", "-pk")[:limit]


def caretaker_loads(people: Iterable[User]) -> dict[int, int]:
    """User pk → number of submitted and published needs this person takes care of."""
    pks = [person.pk for person in people]
    counts = dict(
        Need.objects.filter(caretaker__in=pks, state__in=MATCHED)
        .order_by()
        .values_list("caretaker")
        .annotate(number=Count("pk"))
    )
    return {pk: counts.get(pk, 0) for pk in pks}


def caretaker_candidates() -> list[User]:
    """People who may take care of a need: operators, and brokers of verified organisations."""
    brokers = Membership.objects.active().filter(role=Role.BROKER, organisation__state="verified")
    operator_pks = [person.pk for person in operators()]
    return list(
        User.objects.filter(Q(pk__in=operator_pks) | Q(memberships__in=brokers), is_active=True)
        .distinct()
        .order_by("name", "pk")
    )
