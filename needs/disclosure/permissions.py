"""How much of a need a person may read: a number that grows with each stage of `needs.disclosure.models.Level`."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.permissions import Denied, check_writes_for
from accounts.viewer import Viewer
from needs.models import LEVEL_ORDER, Level, NamedOrganisation, NdaAcceptance, Need, NeedProperties

PUBLIC = LEVEL_ORDER[Level.PUBLIC]
VERIFIED = LEVEL_ORDER[Level.VERIFIED]
NDA = LEVEL_ORDER[Level.NDA]
NAMED = LEVEL_ORDER[Level.NAMED]
FULL = len(Level)  # the poser's organisation, the caretaker, operators


def is_own(viewer: Viewer, need: NeedProperties) -> bool:
    """A member of the poser's organisation: what they read is nobody's business to log."""
    return need.organisation_id in viewer.member_of


def is_insider(viewer: Viewer, need: Need) -> bool:
    """Who reads everything of a need: the poser's own organisation, its caretaker and operators."""
    cares = viewer.is_broker and need.caretaker_id == viewer.user.pk
    return viewer.is_operator or cares or is_own(viewer, need)


def clearance(viewer: Viewer, need: Need) -> int:
    """From 0, public only, to FULL: a thing of level L is shown from LEVEL_ORDER[L] on."""
    return clearances(viewer, [need])[need.pk]


def clearances(viewer: Viewer, needs: Iterable[Need]) -> dict[int, int]:
    """pk → the best that one of the viewer's verified organisations has reached; at most two queries."""
    found = {need.pk: FULL if is_insider(viewer, need) else PUBLIC for need in needs}
    asked = [pk for pk, reached in found.items() if reached != FULL]
    if not asked or not viewer.verified:
        return found
    of_both = {"need__in": asked, "organisation__in": viewer.verified}
    signed = set(NdaAcceptance.objects.in_force().filter(**of_both).values_list("need", "organisation"))
    # Who is named without having signed has reached no more than the others.
    named = set(NamedOrganisation.objects.filter(**of_both).values_list("need", "organisation")) if signed else set()
    found.update(dict.fromkeys(asked, VERIFIED))
    found.update({need: NDA for need, _organisation in signed})
    found.update({need: NAMED for need, _organisation in signed & named})
    return found


def check_signs_nda(user: User, need: Need, organisation: Organisation) -> None:
    """`user` must write for a verified `organisation` that is not the poser's."""
    check_writes_for(user, organisation)
    if organisation.pk == need.organisation_id:
        raise Denied(_("这是您本机构的需求，无须签署保密协议。"))
    if not organisation.is_verified:
        raise Denied(_("机构通过核验后才能签署保密协议；核验进度见机构页面。"))
    if not need.is_published:
        raise Denied(_("只有已发布的需求可以签署保密协议。"))
