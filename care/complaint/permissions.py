"""Who may complain, who mediates, and what somebody may do to a complaint now."""

from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User, is_operator
from accounts.notice.actions import operators
from accounts.permissions import Denied, check_operator
from care.complaint.workflow import COMPLAINT_ACTIONS, UNFINISHED
from care.models import Complaint
from care.subjects import Subject, parties_of
from contracts.contract.queries import operators_who_read


def complaining_parties(user: User, subject: Subject) -> list[Organisation]:
    """The parties `user` may complain for: usually one or none; none where both sides are one organisation."""
    parties = parties_of(subject)
    if parties[0] == parties[1]:
        return []
    writes = set(
        Membership.objects.writing().filter(user=user, organisation__in=parties).values_list("organisation", flat=True)
    )
    return [party for party in parties if party.pk in writes]


def allowed_complaint_actions(*, user: User, complaint: Complaint) -> frozenset[str]:
    """What `user` may do now: names of COMPLAINT_ACTIONS, and add_entry."""
    member_of, writes_for = standing(user, complaint)
    actors = set()
    if is_operator(user) and not member_of and _reads(user, complaint):
        actors.add("operator")
    if complaint.complainant_id in writes_for:
        actors.add("complainant")
    actions = {
        name
        for name, transition in COMPLAINT_ACTIONS.items()
        if transition.actors & actors and complaint.state in transition.sources
    }
    if complaint.state in UNFINISHED and (actors or writes_for):
        actions.add("add_entry")
    return frozenset(actions)


def standing(user: User, complaint: Complaint) -> tuple[frozenset[int], frozenset[int]]:
    """Primary keys of the parties `user` belongs to, and of those they write for."""
    parties = [complaint.complainant_id, complaint.respondent_id]
    memberships = list(Membership.objects.active().filter(user=user, organisation__in=parties))
    return (
        frozenset(membership.organisation_id for membership in memberships),
        frozenset(membership.organisation_id for membership in memberships if membership.can_write),
    )


def check_mediates(user: User, complaint: Complaint) -> None:
    check_operator(user)
    member_of, _writes_for = standing(user, complaint)
    if member_of:
        raise Denied(_("您属于争议一方，请由其他运营人员处理。"))
    check_reads(user, complaint)


def check_reads(user: User, complaint: Complaint) -> None:
    if not _reads(user, complaint):
        raise Denied(_("您所在的机构是这份榜单的一方，请由其他运营人员处理。"))


def _reads(user: User, complaint: Complaint) -> bool:
    """Whether an operator may read it: not in a dispute of whom an organisation of their own bid against."""
    return Complaint.objects.visible_to(user).filter(pk=complaint.pk).exists()


def mediators(complaint: Complaint) -> list[User]:
    """The operators who may read it; what `Complaint.objects.visible_to` says, for all of them at once."""
    if complaint.contract is None:
        return operators()
    return operators_who_read(complaint.contract)
