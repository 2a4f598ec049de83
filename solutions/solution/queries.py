"""Reads of the supply side: what the engine compares, an organisation's own entries, the review queue, the history."""

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet

from accounts.audit import AuditEvent
from accounts.models import Organisation
from solutions.kinds import KINDS, matched, relations
from solutions.models import Solution, SolutionIndicator
from solutions.solution.kind import Kind
from solutions.solution.models import SolutionQuerySet
from solutions.solution.workflow import SolutionState


def with_details(solutions: SolutionQuerySet) -> SolutionQuerySet:
    """With the organisation and the details of whatever kind each entry is."""
    return solutions.select_related("organisation", *relations())


def matchable() -> SolutionQuerySet:
    """Published entries of the kinds the engine compares with needs."""
    return with_details(Solution.objects.published().of_kind(*matched()))


def matchable_by_industry() -> dict[str, int]:
    """GB/T 4754 code → number of matchable entries for it; one of two industries counts in both."""
    published = Solution.objects.published().of_kind(*matched()).order_by()
    rows = published.annotate(division=Func(F("industries"), function="unnest"))
    return dict(rows.values_list("division").annotate(number=Count("pk")))


def unwritten_by(organisation: Organisation) -> list[Kind]:
    """Kinds of which `organisation` may have one entry and has none, in whatever state."""
    single = [kind for kind in KINDS if kind.one_per_organisation and kind.is_for(organisation)]
    written = Solution.objects.for_organisation(organisation).of_kind(*(kind.code for kind in single))
    found = set(written.values_list("kind", flat=True)) if single else set()
    return [kind for kind in single if kind.code not in found]


def only_entry(kind: Kind, organisation: Organisation) -> Solution | None:
    """The one entry of an organisation of a kind of which there is one for each, in whatever state."""
    return with_details(Solution.objects.of_kind(kind.code).for_organisation(organisation)).first()


def state_counts(organisation: Organisation, *kinds: str) -> dict[str, int]:
    """How many entries of these kinds an organisation has in each state; every state has a number."""
    own = Solution.objects.of_kind(*kinds).for_organisation(organisation).order_by()
    found = dict(own.values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in SolutionState.values}


def organisations_with(kind: Kind) -> QuerySet[Organisation]:
    """Organisations with a published entry of this kind, by name."""
    published = Solution.objects.of_kind(kind.code).published().filter(organisation=OuterRef("pk"))
    return Organisation.objects.filter(Exists(published)).order_by("name", "pk")


def returned_to(organisation: Organisation) -> SolutionQuerySet:
    """Entries that wait for their owner with what an operator asked to be mended, the latest first."""
    returned = Solution.objects.for_organisation(organisation).filter(state=SolutionState.RETURNED)
    return returned.order_by("-reviewed_at", "-pk")


def awaiting_review() -> SolutionQuerySet:
    """Entries handed in, the longest waiting first."""
    return with_details(Solution.objects.awaiting_review()).order_by("submitted_at", "pk")


def changed_since_review() -> SolutionQuerySet:
    """Published entries an operator has not looked at since they changed, the oldest change first."""
    return with_details(Solution.objects.changed_since_review()).order_by("changed_at", "pk")


def review_counts() -> dict[str, int]:
    """The figures of the operators' queue: `submitted`, `changed`."""
    return {
        "submitted": Solution.objects.awaiting_review().count(),
        "changed": Solution.objects.changed_since_review().count(),
    }


def visible_indicators(solution: Solution, *, with_private: bool) -> QuerySet[SolutionIndicator]:
    """The rows of the indicator table a reader may see."""
    rows = solution.indicators.order_by("position", "pk")
    return rows if with_private else rows.filter(is_public=True)


def history(solution: Solution) -> QuerySet[AuditEvent]:
    """What happened to an entry, in order."""
    return AuditEvent.objects.filter(object_code=solution.code).select_related("by").order_by("at", "pk")
