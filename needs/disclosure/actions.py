"""What changes who may read a need: agreements accepted and revoked, organisations named; and the log of who read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Organisation, User
from accounts.permissions import Denied, check_writes_for, writes_for
from accounts.viewer import Viewer
from lib.refusals import WrongState
from needs.disclosure import nda, notices
from needs.disclosure.permissions import check_signs_nda, is_own
from needs.disclosure.queries import (
    INDICATORS,
    DisclosedNeed,
    disclosed_list,
    disclosed_to,
    is_barred,
    restricted_shown,
)
from needs.models import (
    Attachment,
    DisclosureChannel,
    DisclosureView,
    Level,
    NamedOrganisation,
    NdaAcceptance,
    Need,
    NeedAttachment,
    NeedIndicator,
)

# What an entry of a list shows of what may be restricted (templates/needs/need/_need_entry.html).
ON_LISTS = ("background", "keywords", "budget")


class TextChanged(Exception):
    """The text is not the one that was read; the message may be shown."""


class NotNameable(Exception):
    """This organisation cannot be named; the message says why and may be shown."""


def agreement_for(need: Need, organisation: Organisation) -> nda.Agreement:
    """Today's text between the poser of `need` and `organisation`."""
    return nda.agreement(
        title=need.title, code=need.code, discloser=need.organisation.name, recipient=organisation.name
    )


@transaction.atomic
def accept_nda(*, need: Need, organisation: Organisation, text_hash: str, by: User, at: datetime) -> NdaAcceptance:
    """Sign for `organisation` the text whose checksum is `text_hash`: what `by` has read. Twice is once.

    Raises TextChanged when the text is another by now, Denied for who may not sign.
    """
    need = _lock(need)
    check_signs_nda(by, need, organisation)
    if standing := NdaAcceptance.objects.in_force().filter(need=need, organisation=organisation).first():
        return standing
    check_not_barred(need, organisation)
    agreement = agreement_for(need, organisation)
    if agreement.checksum != text_hash:
        raise TextChanged(_("协议文本已更新，请重新阅读后再确认。"))
    acceptance = NdaAcceptance.objects.create(
        need=need,
        organisation=organisation,
        text_version=agreement.version,
        text=agreement.text,
        text_hash=agreement.checksum,
        accepted_at=at,
        accepted_by=by,
    )
    audit.note(need, "nda_accept", by=by, at=at, to_state="", reason=f"{acceptance.code} {organisation.name}")
    notices.tell_poser_accepted(acceptance, at)
    return acceptance


@transaction.atomic
def revoke_nda(*, acceptance: NdaAcceptance, reason: str, by: User, at: datetime) -> NdaAcceptance:
    """End an agreement, by either side and with a reason: from the next request on nothing of it is shown.

    Revoked by the poser, the organisation is no longer named either, and signs again only when named anew.
    """
    need = _lock(acceptance.need)
    acceptance = (
        NdaAcceptance.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=acceptance.pk)
    )
    acceptance.need = need
    by_poser = writes_for(by, need.organisation)
    if not by_poser and not writes_for(by, acceptance.organisation):
        raise Denied(_("只有协议双方有权操作的成员可以解除保密协议。"))
    if acceptance.revoked_at is not None:
        raise WrongState(_("该保密协议已经解除。"))
    if not reason.strip():
        raise ValueError("An agreement is revoked with a reason.")
    acceptance.revoked_at, acceptance.revoked_by, acceptance.revoke_reason = at, by, reason.strip()
    acceptance.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    if by_poser:
        need.named_organisations.filter(organisation=acceptance.organisation).delete()
    audit.note(
        need, "nda_revoke", by=by, at=at, to_state="", reason=f"{acceptance.code} {acceptance.organisation.name}"
    )
    notices.tell_revoked(acceptance, by_poser=by_poser, at=at)
    return acceptance


@transaction.atomic
def name_organisation(*, need: Need, organisation: Organisation, by: User, at: datetime) -> NamedOrganisation:
    """Let `organisation` reach the last stage, once it has signed. Naming it twice is once."""
    need = _lock(need)
    check_writes_for(by, need.organisation)
    if organisation.pk == need.organisation_id:
        raise NotNameable(_("本机构无须指定。"))
    if not organisation.is_verified:
        raise NotNameable(_("只能指定已通过核验的机构。"))
    named, is_new = NamedOrganisation.objects.get_or_create(
        need=need, organisation=organisation, defaults={"named_at": at, "named_by": by}
    )
    if is_new:
        audit.note(need, "name", by=by, at=at, to_state="", reason=organisation.name)
        notices.tell_named(need, organisation, at)
    return named


@transaction.atomic
def unname_organisation(*, need: Need, organisation: Organisation, by: User, at: datetime) -> None:
    need = _lock(need)
    check_writes_for(by, need.organisation)
    removed, _rows = need.named_organisations.filter(organisation=organisation).delete()
    if removed:
        audit.note(need, "unname", by=by, at=at, to_state="", reason=organisation.name)


def check_not_barred(need: Need, organisation: Organisation) -> None:
    if is_barred(need, organisation):
        raise Denied(_("提出方已解除与贵机构的保密协议；经提出方重新指定后才能再次签署。"))


# --- The log -------------------------------------------------------------------------------------------------------


def shown_list(
    *,
    needs: Iterable[Need],
    viewer: Viewer,
    at: datetime,
    channel: str = DisclosureChannel.PAGE,
    only: Sequence[str] | None = ON_LISTS,
) -> list[DisclosedNeed]:
    """What `viewer` may see of each need, for a list that shows `only` these names (None: all); and the log of it."""
    views = disclosed_list(viewer, needs)
    log_views(views=views, viewer=viewer, channel=channel, at=at, only=only)
    return views


def log_view(
    *,
    view: DisclosedNeed,
    viewer: Viewer,
    channel: str = DisclosureChannel.PAGE,
    at: datetime,
    only: Sequence[str] | None = None,
) -> None:
    """Write down that `viewer` was shown what is not public of `view`, once a request. `only`: what is shown at all."""
    log_views(views=[view], viewer=viewer, channel=channel, at=at, only=only)


def log_views(
    *,
    views: Iterable[DisclosedNeed],
    viewer: Viewer,
    channel: str = DisclosureChannel.PAGE,
    at: datetime,
    only: Sequence[str] | None = None,
) -> None:
    """The same for a list. The poser's own people are not logged; without anything to log nothing is asked."""
    shown = [(view, names) for view in views if (names := restricted_shown(view, only))]
    _log(shown, viewer=viewer, channel=channel, at=at)


def log_indicators(
    *,
    need: Need,
    rows: Iterable[NeedIndicator],
    viewer: Viewer,
    channel: str = DisclosureChannel.PAGE,
    at: datetime,
) -> None:
    """The same for indicators of `need` that stand somewhere else: on a form, beside what a bid answers to them."""
    if any(row.level != Level.PUBLIC for row in rows):
        _log([(need, [INDICATORS])], viewer=viewer, channel=channel, at=at)


def log_indicators_of_bid(
    *,
    need: Need,
    rows: Iterable[NeedIndicator],
    viewer: Viewer,
    channel: str = DisclosureChannel.PAGE,
    at: datetime,
) -> None:
    """The same beside a bid, written down as a reading of the whole need: the poser reads this log.

    An entry of indicators alone would say that somebody stands at the form of a bid while bids are sealed.
    """
    if any(row.level != Level.PUBLIC for row in rows):
        names = restricted_shown(disclosed_to(viewer, need))
        # What the bid was asked may be gone from the need, and was read all the same.
        names = [*(name for name in names if name != INDICATORS), INDICATORS]
        _log([(need, names)], viewer=viewer, channel=channel, at=at)


def _log(
    shown: Sequence[tuple[Need | DisclosedNeed, list[str]]], *, viewer: Viewer, channel: str, at: datetime
) -> None:
    if isinstance(viewer.user, AnonymousUser):
        return
    DisclosureView.objects.bulk_create(
        DisclosureView(need_id=need.pk, user=viewer.user, fields=names, channel=channel, at=at)
        for need, names in shown
        if not is_own(viewer, need)
    )


def log_download(*, attachment: Attachment, viewer: Viewer, channel: str, at: datetime) -> None:
    """Only a need's files that are not public are logged: the others are nobody's secret of the need."""
    if not isinstance(attachment, NeedAttachment) or attachment.level == Level.PUBLIC:
        return
    need = attachment.need
    if not isinstance(viewer.user, AnonymousUser) and not is_own(viewer, need):
        DisclosureView.objects.create(
            need=need, user=viewer.user, fields=[f"attachment:{attachment.code}"], channel=channel, at=at
        )


def _lock(need: Need) -> Need:
    return Need.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=need.pk)
