"""How both sides reach each other: nothing before contact began, then in full, and each reveal is written down."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts import audit
from accounts.notice.actions import writers_of
from accounts.viewer import Viewer
from matching.matches.permissions import is_buyer, is_supplier
from matching.models import Match


@dataclass(frozen=True, slots=True)
class Contact:
    side: str  # "buyer" or "supplier"
    label: str
    organisation: str
    name: str
    phone: str
    email: str


def reveal(*, match: Match, viewer: Viewer, at: datetime) -> list[Contact]:
    """The contacts this viewer may see; empty before contact began.

    Seeing the other side's details is a reveal of personal information and writes one audit row each time; one's own
    side is no reveal. The caretaker and operators see both.
    """
    if match.contacted_at is None:
        return []
    shown = [_buyer(match), _supplier(match)]
    own = {"buyer": is_buyer(viewer, match), "supplier": is_supplier(viewer, match)}
    for contact in shown:
        if not own[contact.side]:
            audit.record(
                action="match.contact_shown",
                code=match.code,
                label=f"{match.need.title} × {match.solution.title}",
                by=viewer.person,
                at=at,
                reason=f"{contact.label} {contact.organisation}",
            )
    return shown


def _buyer(match: Match) -> Contact:
    """The contact named in the need; the person who said yes where none is named."""
    need, person = match.need, match.buyer_answered_by
    named = bool(need.contact_name or need.contact_phone)
    return Contact(
        side="buyer",
        label=_("企业方"),
        organisation=need.organisation.name,
        name=need.contact_name if named or person is None else person.name,
        phone=need.contact_phone,
        email="" if need.contact_phone or person is None else person.email,
    )


def _supplier(match: Match) -> Contact:
    """The person who said yes; outputs name no contact of their own."""
    person = match.supplier_answered_by or next(iter(writers_of(match.solution.organisation)), None)
    return Contact(
        side="supplier",
        label=_("成果方"),
        organisation=match.solution.organisation.name,
        name=person.name if person else "",
        phone="",
        email=person.email if person else "",
    )
