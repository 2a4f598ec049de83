"""The trail of an organisation, lists of organisations, and how many there are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import AuditEvent
from accounts.models import Organisation, OrganisationKind, Role

ACTIONS = {
    "organisation.create": gettext_lazy("登记机构"),
    "organisation.change": gettext_lazy("修改机构信息"),
    "organisation.resubmit": gettext_lazy("重新提交核验"),
    "organisation.verify": gettext_lazy("通过核验"),
    "organisation.refuse": gettext_lazy("未通过核验"),
    "member.invite": gettext_lazy("邀请成员"),
    "member.revoke": gettext_lazy("撤销邀请"),
    "member.join": gettext_lazy("成员加入"),
    "member.role": gettext_lazy("调整成员角色"),
    "member.end": gettext_lazy("成员离开"),
}


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One line of a timeline: what, when, by whom, and what else there is to say."""

    label: str
    at: datetime
    by: str
    note: str


def organisation_trail(organisation: Organisation, *, limit: int = 50) -> list[TrailEntry]:
    """The latest audit rows of an organisation and its members, newest first."""
    events = AuditEvent.objects.filter(object_code=organisation.code).select_related("by").order_by("-at", "-pk")
    return [
        TrailEntry(
            label=str(ACTIONS.get(event.action, event.action)),
            at=event.at,
            by=event.by.name if event.by else _("系统"),
            note=event.reason or _member_note(event),
        )
        for event in events[:limit]
    ]


def _member_note(event: AuditEvent) -> str:
    if not event.action.startswith("member."):
        return ""
    roles = [str(Role(role).label) for role in (event.from_state, event.to_state) if role in Role.values]
    return " · ".join([event.object_label, " → ".join(roles)] if roles else [event.object_label])


def find_organisations(
    found: QuerySet[Organisation], *, q: str = "", kind: str = "", province: str = "", industry: str = ""
) -> QuerySet[Organisation]:
    """Narrow a list: part of the name, kind, province (its six digits), industry. Empty means any."""
    if q:
        found = found.filter(name__icontains=q)
    if kind:
        found = found.filter(kind=kind)
    if province:
        found = found.filter(region_code__startswith=province[:2])
    if industry:
        found = found.filter(industry=industry)
    return found


def verification_count() -> int:
    """Organisations that wait for an operator."""
    return Organisation.objects.awaiting_verification().count()


def verified_count() -> int:
    return Organisation.objects.verified().count()


def verified_operators() -> QuerySet[Organisation]:
    """Who runs the platform, by name."""
    return Organisation.objects.verified().filter(kind=OrganisationKind.OPERATOR).order_by("name", "pk")
