"""Reads that cross tables, and this app's figures for dashboards."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.audit import AuditEvent
from accounts.models import Membership, Organisation, User
from accounts.notice.actions import operators
from needs.models import CloseReason, Need
from needs.need.workflow import MATCHED, NeedState

# Actions of the audit trail in words.
EVENT_LABELS = {
    "need.create": _("建立草稿"),
    "need.import": _("导入"),
    "need.change": _("修改内容"),
    "need.submit": _("提交并确认不涉密"),
    "need.publish": _("审核通过并发布"),
    "need.return": _("退回"),
    "need.withdraw": _("撤回"),
    "need.close": _("关闭"),
    "need.expire": _("到期关闭"),
    "need.acknowledge": _("复核修改"),
    "need.assign": _("指派服务专员"),
    "need.nda_accept": _("签署保密协议"),
    "need.nda_revoke": _("解除保密协议"),
    "need.name": _("指定机构"),
    "need.unname": _("取消指定机构"),
    "attachment.add": _("上传附件"),
    "attachment.remove": _("移除附件"),
}


def state_counts(organisation: Organisation) -> dict[str, int]:
    """Number of needs of `organisation` in each state, every state named."""
    counts = dict(
        Need.objects.for_organisation(organisation).order_by().values_list("state").annotate(number=Count("pk"))
    )
    return {state: counts.get(state, 0) for state in NeedState.values}


def review_counts() -> dict[str, int]:
    """How many needs wait for an operator: `submitted` and `changed` since the last review."""
    return {
        "submitted": Need.objects.awaiting_review().count(),
        "changed": Need.objects.changed_since_review().count(),
    }


def open_posers() -> QuerySet[Organisation]:
    """Organisations that have a published need."""
    return Organisation.objects.filter(pk__in=Need.objects.published().values("organisation")).order_by("name", "pk")


def public_counts() -> dict[str, int]:
    """Needs everybody may read, by state: `published` and `closed`."""
    public = Need.objects.filter(state__in=[NeedState.PUBLISHED, NeedState.CLOSED])
    counts = dict(public.order_by().values_list("state").annotate(number=Count("pk")))
    return {state.value: counts.get(state, 0) for state in (NeedState.PUBLISHED, NeedState.CLOSED)}


def open_by_industry() -> dict[str, int]:
    """GB/T 4754 code → number of published needs; "" for those that name no industry."""
    return dict(Need.objects.published().order_by().values_list("industry").annotate(number=Count("pk")))


def latest_of(organisation: Organisation) -> QuerySet[Need]:
    """All needs of an organisation, the latest change first."""
    return Need.objects.for_organisation(organisation).order_by("-changed_at", "-pk")


def returned_to(organisation: Organisation) -> QuerySet[Need]:
    """Needs that wait for their poser with what an operator asked them to change, the latest first."""
    return Need.objects.for_organisation(organisation).filter(state=NeedState.RETURNED).order_by("-reviewed_at", "-pk")


def cared_for_by(user: User) -> QuerySet[Need]:
    """Submitted and published needs this person takes care of, the oldest first."""
    cared_for = Need.objects.visible_to(user).matched().filter(caretaker=user)
    return cared_for.select_related("organisation").order_by("submitted_at", "pk")


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


def caretaker_candidates() -> QuerySet[User]:
    """People who may take care of a need: operators, and brokers of verified organisations."""
    brokers = Membership.objects.brokering()
    operator_pks = [person.pk for person in operators()]
    return (
        User.objects.filter(Q(pk__in=operator_pks) | Q(memberships__in=brokers), is_active=True)
        .distinct()
        .order_by("name", "pk")
    )


def history(need: Need) -> list[dict[str, Any]]:
    """What happened to `need`, oldest first: events for the timeline, with label, at, by and note."""
    events = AuditEvent.objects.filter(object_code=need.code).select_related("by").order_by("at", "pk")
    return [
        {
            "label": EVENT_LABELS.get(event.action, event.action),
            "at": event.at,
            "by": event.by.name if event.by else _("系统"),
            "note": _note(event),
        }
        for event in events
    ]


def changed_fields(needs: Iterable[Need]) -> dict[str, list[str]]:
    """Code → names of what the owner changed since an operator last looked, in the reader's language."""
    reviewed = {need.code: need.reviewed_at for need in needs}
    events = AuditEvent.objects.filter(action="need.change", object_code__in=reviewed).order_by("at", "pk")
    found: dict[str, dict[str, None]] = {code: {} for code in reviewed}
    for event in events:
        seen = reviewed[event.object_code]
        if seen is None or event.at > seen:
            found[event.object_code].update(dict.fromkeys(field_labels(event.reason)))
    return {code: list(labels) for code, labels in found.items()}


def field_labels(names: str) -> list[str]:
    """Field names as `change_need` writes them into the audit trail, in words."""
    labels = {field.name: field.verbose_name for field in Need._meta.fields}
    return [str(labels.get(name, _("技术指标"))) for name in names.split()]


def _note(event: AuditEvent) -> str:
    if event.action == "need.change":
        return _("、").join(field_labels(event.reason))
    if event.action in {"need.close", "need.expire"}:
        return str(CloseReason(event.reason).label)
    return event.reason
