"""A need as one person may read it. Every page, list and answer of the API shows needs only through this."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import WRITING_ROLES, Membership, Organisation, User
from accounts.viewer import Viewer
from lib.fields import hidden_together, kept
from needs.disclosure.permissions import FULL, NDA, PUBLIC, clearances
from needs.models import (
    LEVEL_ORDER,
    CloseReason,
    DisclosureView,
    Level,
    NamedOrganisation,
    NdaAcceptance,
    Need,
    NeedIndicator,
    NeedProperties,
    NeedType,
)
from needs.need.fields import INSIDERS_ONLY, NEED, NEED_INDICATOR, hidden_label, hideable
from needs.need.workflow import NeedState

INDICATORS = "indicators"


@dataclass(frozen=True, slots=True)
class DisclosedIndicator:
    """A row of the indicator table, cut off from its need."""

    name: str
    comparison: str
    value: Decimal
    value_max: Decimal | None
    unit: str
    condition: str
    necessity: str
    level: str
    requirement: str  # `≥ 980 MPa`

    @property
    def is_public(self) -> bool:
        return self.level == Level.PUBLIC


@dataclass(frozen=True, slots=True, eq=False)
class DisclosedNeed(NeedProperties):
    """What one reader may read of a need. What is withheld is empty here, and nothing leads back to the row.

    The fields of the content (needs.need.fields) are attributes too: `view.background`. What is only for the people of
    the need (INSIDERS_ONLY, the caretaker, what an operator asked for) is empty for everybody else and not counted as
    withheld.
    """

    pk: int
    code: str
    state: str
    organisation: Organisation
    organisation_id: int
    content: Mapping[str, Any]
    withheld: frozenset[str]  # names of `hideable`, and "indicators" when rows are missing
    locks: Mapping[str, str]  # name of what is withheld → the level it waits for
    shown_indicators: tuple[DisclosedIndicator, ...]  # in order
    is_whole: bool  # nothing is kept from this reader, who belongs to the need
    masked_name: str
    masked_phone: str
    caretaker: User | None
    return_reason: str
    close_reason: str
    has_unreviewed_change: bool
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None
    closed_at: datetime | None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.content[name]
        except KeyError:
            raise AttributeError(f"{name} is not part of what is disclosed of a need.") from None

    def __str__(self) -> str:
        return str(self.content["title"])

    def get_state_display(self) -> str:
        return str(NeedState(self.state).label)

    def get_need_type_display(self) -> str:
        return str(NeedType(self.content["need_type"]).label) if self.content["need_type"] else ""

    def get_close_reason_display(self) -> str:
        return str(CloseReason(self.close_reason).label) if self.close_reason else ""


def disclosed(need: Need, clearance: int) -> DisclosedNeed:
    """What `clearance` reaches of `need`; one query unless `indicators` is prefetched."""
    rows = _rows(need)
    locks = {name: need.level_of(name) for name in hideable() if LEVEL_ORDER[need.level_of(name)] > clearance}
    content = _content(need, without=frozenset(locks), for_insider=clearance == FULL)
    if hidden := [row.level for row in rows if LEVEL_ORDER[row.level] > clearance]:
        locks[INDICATORS] = min(hidden, key=LEVEL_ORDER.__getitem__)
    return DisclosedNeed(
        pk=need.pk,
        code=need.code,
        state=need.state,
        organisation=_joined(need, "organisation"),
        organisation_id=need.organisation_id,
        content=content,
        withheld=frozenset(locks),
        locks=MappingProxyType(locks),
        shown_indicators=tuple(_without_need(row) for row in rows if LEVEL_ORDER[row.level] <= clearance),
        is_whole=clearance == FULL,
        masked_name=need.masked_name,
        masked_phone=need.masked_phone,
        caretaker=_joined(need, "caretaker") if clearance == FULL else None,
        return_reason=need.return_reason if clearance == FULL else "",
        close_reason=need.close_reason,
        has_unreviewed_change=clearance == FULL and need.has_unreviewed_change,
        created_at=need.created_at,
        changed_at=need.changed_at,
        submitted_at=need.submitted_at,
        published_at=need.published_at,
        closed_at=need.closed_at,
    )


def _content(need: Need, *, without: frozenset[str], for_insider: bool) -> Mapping[str, Any]:
    """Values by field; a cleaner says what stands for nothing. Lists are copies."""
    values: dict[str, Any] = {}
    for name in kept(NEED):
        field = NEED[name]
        is_kept_back = field.hides_as in without or (name in INSIDERS_ONLY and not for_insider)
        values[name] = field.clean(None) if is_kept_back else copy.copy(getattr(need, name))
    return MappingProxyType(values)


def _joined(need: Need, name: str) -> Any:
    """The row that a foreign key names, when it was loaded with the need; else fetched when somebody asks for it."""
    field = Need._meta.get_field(name)
    if field.is_cached(need):  # type: ignore[union-attr]  # a foreign key
        return getattr(need, name)
    pk = getattr(need, f"{name}_id")
    model: Any = field.related_model
    return None if pk is None else SimpleLazyObject(partial(model.objects.get, pk=pk))


def _rows(need: Need) -> list[NeedIndicator]:
    return sorted(need.indicators.all(), key=lambda row: (row.position, row.pk))


def _without_need(row: NeedIndicator) -> DisclosedIndicator:
    return DisclosedIndicator(requirement=row.requirement, **{name: getattr(row, name) for name in NEED_INDICATOR})


def disclosed_to(viewer: Viewer, need: Need) -> DisclosedNeed:
    return disclosed_list(viewer, [need])[0]


def disclosed_list(viewer: Viewer, needs: Iterable[Need]) -> list[DisclosedNeed]:
    """The views of many needs in their order, with a constant number of queries."""
    listed = list(needs)
    reached = clearances(viewer, listed)
    prefetch_related_objects(listed, "indicators")
    return [disclosed(need, reached[need.pk]) for need in listed]


def public_view(need: Need) -> DisclosedNeed:
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


def restricted_names(need: NeedProperties) -> list[str]:
    """The fields that are not public, in the order of the form."""
    return [name for name in hideable() if need.level_of(name) != Level.PUBLIC]


def restricted_shown(view: DisclosedNeed, only: Sequence[str] | None = None) -> list[str]:
    """What of a `disclosed` view is not public and can be read in it: the names for the log.

    `only`: the names the page or list shows at all.
    """
    names = [
        name
        for name in restricted_names(view)
        if name not in view.withheld and any(getattr(view, field.name) for field in hidden_together(NEED)[name])
    ]
    if any(row.level != Level.PUBLIC for row in view.shown_indicators):
        names.append(INDICATORS)
    return [name for name in names if only is None or name in only]
