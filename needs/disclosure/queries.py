"""A need as one person may read it. Every page, list and answer of the API shows needs only through this."""

import copy
from collections.abc import Iterable, Sequence

from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import WRITING_ROLES, Membership, Organisation
from accounts.viewer import Viewer
from lib.fields import hidden_together
from needs.disclosure.permissions import (
    NDA,
    PUBLIC,
    clearances,
)
from needs.models import (
    LEVEL_ORDER,
    DisclosureView,
    Level,
    NamedOrganisation,
    NdaAcceptance,
    Need,
    NeedIndicator,
)
from needs.need.fields import NEED, hidden_label, hideable

INDICATORS = "indicators"


def disclosed(need: Need, clearance: int) -> Need:
    """A copy for reading, with what `clearance` does not reach emptied; saving it raises TypeError.

    `withheld` names what was emptied (of `hideable`, and "indicators" when rows are missing), `locks` says which
    level each waits for, and `shown_indicators` lists the rows in order; `indicators.all()` holds no others either.
    """
    view = copy.copy(need)
    locks = {name: need.level_of(name) for name in hideable() if LEVEL_ORDER[need.level_of(name)] > clearance}
    for field in NEED.values():
        if field.hides_as in locks:
            setattr(view, field.name, field.clean(None))
    rows = _rows(need)
    shown = [row for row in rows if LEVEL_ORDER[row.level] <= clearance]
    if hidden := [row.level for row in rows if LEVEL_ORDER[row.level] > clearance]:
        locks[INDICATORS] = min(hidden, key=LEVEL_ORDER.__getitem__)
    view.withheld = frozenset(locks)
    view.locks = locks
    view.shown_indicators = shown
    _keep_only(view, shown)
    return view


def disclosed_to(viewer: Viewer, need: Need) -> Need:
    return disclosed_list(viewer, [need])[0]


def disclosed_list(viewer: Viewer, needs: Iterable[Need]) -> list[Need]:
    """The views of many needs in their order, with a constant number of queries."""
    listed = list(needs)
    reached = clearances(viewer, listed)
    prefetch_related_objects(listed, "indicators")
    return [disclosed(need, reached[need.pk]) for need in listed]


def public_view(need: Need) -> Need:
    """What everybody may read: what lists are narrowed by and what a supplier's matches are explained with."""
    return disclosed(need, PUBLIC)


def next_step(
    *,
    viewer: Viewer,
    organisation: Organisation | None,
    need: Need,
    reached: int,
    levels: Iterable[str],
) -> str:
    """What brings this reader on, when `levels` is what is still withheld; "" when nothing would.

    login · register (an organisation) · verify (it) · sign (the agreement) · colleague (somebody who may sign) · barred
    (until named anew) · ask (the poser, to be named).
    """
    highest = max((LEVEL_ORDER[level] for level in levels), default=PUBLIC)
    if highest <= reached or not need.is_published:
        return ""
    if not viewer.user.is_authenticated:
        return "login"
    if organisation is None:
        return "register"
    if reached >= NDA:
        return "ask"
    if not organisation.is_verified:
        return "verify"
    if highest < NDA:
        return ""
    if is_barred(need, organisation):
        return "barred"
    return "sign" if organisation.pk in viewer.writes_for else "colleague"


def is_barred(need: Need, organisation: Organisation) -> bool:
    """Whether the poser ended the last agreement with `organisation` and has not named it since."""
    last = NdaAcceptance.objects.filter(need=need, organisation=organisation).order_by("-accepted_at", "-pk").first()
    if last is None or last.revoked_at is None:
        return False
    # Whoever wrote for the poser then ended it for the poser, whatever else they belonged to before or since.
    of_poser = Membership.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=last.revoked_at),
        user=last.revoked_by_id,
        organisation=need.organisation_id,
        started_at__lte=last.revoked_at,
        role__in=WRITING_ROLES,
    )
    if not of_poser.exists():
        return False
    return not NamedOrganisation.objects.filter(need=need, organisation=organisation).exists()


def label_of(name: str) -> str:
    """A name as the log keeps it, in words; a file's is its number."""
    if name == INDICATORS:
        return str(_("技术指标"))
    if name.startswith("attachment:"):
        return str(_("附件 %(code)s") % {"code": name.removeprefix("attachment:")})
    return hidden_label(name)


def log_of(need: Need) -> QuerySet[DisclosureView]:
    """Who read what, the latest first; `organisations_at_reading` says for whom."""
    memberships = Membership.objects.select_related("organisation").order_by("started_at", "pk")
    readers = Prefetch("user__memberships", queryset=memberships, to_attr="all_memberships")
    return need.disclosure_views.select_related("user").prefetch_related(readers).order_by("-at", "-pk")


def organisations_at_reading(view: DisclosureView) -> list[str]:
    """Names of the organisations the reader belonged to then, whoever left since. Expects a row of `log_of`."""
    return [
        membership.organisation.name
        for membership in view.user.all_memberships  # type: ignore[attr-defined]  # prefetched by `log_of`
        if membership.started_at <= view.at and (membership.ended_at is None or view.at < membership.ended_at)
    ]


def acceptances_of(need: Need) -> QuerySet[NdaAcceptance]:
    """Those in force first, then the latest."""
    rows = need.nda_acceptances.select_related("organisation", "accepted_by", "revoked_by")
    return rows.order_by(F("revoked_at").desc(nulls_first=True), "-accepted_at", "-pk")


def named_of(need: Need) -> QuerySet[NamedOrganisation]:
    return need.named_organisations.select_related("organisation", "named_by").order_by("organisation__name", "pk")


def restricted_names(need: Need) -> list[str]:
    """The fields that are not public, in the order of the form."""
    return [name for name in hideable() if need.level_of(name) != Level.PUBLIC]


def restricted_shown(view: Need, only: Sequence[str] | None = None) -> list[str]:
    """What of a `disclosed` view is not public and can be read in it: the names for the log.

    `only`: the names the page or list shows at all.
    """
    names = [
        name
        for name in restricted_names(view)
        if name not in _withheld(view) and any(getattr(view, field.name) for field in hidden_together(NEED)[name])
    ]
    if any(row.level != Level.PUBLIC for row in view.shown_indicators):
        names.append(INDICATORS)
    return [name for name in names if only is None or name in only]


def _rows(need: Need) -> list[NeedIndicator]:
    return sorted(need.indicators.all(), key=lambda row: (row.position, row.pk))


def _keep_only(view: Need, shown: list[NeedIndicator]) -> None:
    """Whoever asks the view for its `indicators.all()` gets what it shows, without a query."""
    rows = NeedIndicator.objects.filter(need=view)
    rows._result_cache = shown
    rows._prefetch_done = True  # type: ignore[attr-defined]  # as a prefetch leaves it
    view._prefetched_objects_cache = {"indicators": rows}  # type: ignore[attr-defined]  # as a prefetch leaves it


def _withheld(view: Need) -> frozenset[str]:
    if view.withheld is None:
        raise TypeError("Not a view of a need: ask needs.disclosure.queries.disclosed first.")
    return view.withheld
