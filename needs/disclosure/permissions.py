"""How much of a need a person may read: a number that grows with each stage of `needs.disclosure.models.Level`."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, Role, User, is_operator
from accounts.permissions import Denied, check_writes_for
from needs.models import LEVEL_ORDER, Level, NamedOrganisation, NdaAcceptance, Need

PUBLIC = LEVEL_ORDER[Level.PUBLIC]
VERIFIED = LEVEL_ORDER[Level.VERIFIED]
NDA = LEVEL_ORDER[Level.NDA]
NAMED = LEVEL_ORDER[Level.NAMED]
FULL = len(Level)  # the poser's organisation, the caretaker, operators


@dataclass(frozen=True, slots=True)
class Reader:
    """What one person is, read with one query."""

    pk: int | None
    is_operator: bool
    is_broker: bool
    organisations: frozenset[int]
    verified: frozenset[int]

    def is_own(self, need: Need) -> bool:
        """A member of the poser's organisation: what they read is nobody's business to log."""
        return need.organisation_id in self.organisations

    def is_insider(self, need: Need) -> bool:
        cares = self.is_broker and self.pk is not None and need.caretaker_id == self.pk
        return self.is_operator or cares or self.is_own(need)


def reader_of(user: User | AnonymousUser | None) -> Reader:
    if user is None or not isinstance(user, User):
        return Reader(pk=None, is_operator=False, is_broker=False, organisations=frozenset(), verified=frozenset())
    memberships = list(Membership.objects.active().filter(user=user).select_related("organisation"))
    verified = [row for row in memberships if row.organisation.is_verified]
    return Reader(
        pk=user.pk,
        is_operator=is_operator(user),
        is_broker=any(row.role == Role.BROKER for row in verified),
        organisations=frozenset(row.organisation_id for row in memberships),
        verified=frozenset(row.organisation_id for row in verified),
    )


def clearance(user: User | AnonymousUser | None, need: Need) -> int:
    """From 0, public only, to FULL: a thing of level L is shown from LEVEL_ORDER[L] on."""
    return clearances(user, [need])[need.pk]


def clearances(user: User | AnonymousUser | None, needs: Iterable[Need]) -> dict[int, int]:
    """The same for many needs with at most three queries: pk → clearance."""
    return clearances_of(reader_of(user), needs)


def clearances_of(reader: Reader, needs: Iterable[Need]) -> dict[int, int]:
    """The best that one of the reader's verified organisations has reached, for each need."""
    found = {need.pk: FULL if reader.is_insider(need) else PUBLIC for need in needs}
    asked = [pk for pk, reached in found.items() if reached != FULL]
    if not asked or not reader.verified:
        return found
    of_both = {"need__in": asked, "organisation__in": reader.verified}
    signed = set(NdaAcceptance.objects.in_force().filter(**of_both).values_list("need", "organisation"))
    # Who is named without having signed has reached no more than the others.
    named = set(NamedOrganisation.objects.filter(**of_both).values_list("need", "organisation")) if signed else set()
    found.update(dict.fromkeys(asked, VERIFIED))
    found.update({need: NDA for need, _organisation in signed})
    found.update({need: NAMED for need, _organisation in signed & named})
    return found


def sees_everything(user: User | AnonymousUser, need: Need) -> bool:
    """The poser's own organisation, the caretaker and operators."""
    return reader_of(user).is_insider(need)


def check_signs_nda(user: User, need: Need, organisation: Organisation) -> None:
    """`user` must write for a verified `organisation` that is not the poser's."""
    check_writes_for(user, organisation)
    if organisation.pk == need.organisation_id:
        raise Denied(_("这是您本机构的需求，无须签署保密协议。"))
    if not organisation.is_verified:
        raise Denied(_("机构通过核验后才能签署保密协议；核验进度见机构页面。"))
    if not need.is_published:
        raise Denied(_("只有已发布的需求可以签署保密协议。"))
