"""What follow-ups and complaints are about: a match in contact, or a contract. Both have a need and a supplier."""

from typing import TypedDict

from accounts.models import Organisation, User
from care.models import Complaint, FollowUp
from contracts.contract.workflow import ContractState
from contracts.models import Contract
from matching.models import Match
from needs.models import Need
from needs.need.workflow import NeedState

Subject = Match | Contract


class About(TypedDict):
    match: Match | None
    contract: Contract | None


def about(subject: Subject) -> About:
    """The two columns of a follow-up or complaint."""
    if isinstance(subject, Match):
        return About(match=subject, contract=None)
    return About(match=None, contract=subject)


def subject_of(row: FollowUp | Complaint) -> Subject:
    subject = row.match or row.contract
    assert subject is not None, "a constraint of the table"
    return subject


def supplier_of(subject: Subject) -> Organisation:
    return subject.solution.organisation if isinstance(subject, Match) else subject.supplier


def parties_of(subject: Subject) -> tuple[Organisation, Organisation]:
    """Poser and supplier."""
    return subject.need.organisation, supplier_of(subject)


def visible_subject(user: User, code: str) -> Subject | None:
    """The match in contact or the contract with this code, when `user` may see it."""
    match = (
        Match.objects.visible_to(user)
        .filter(code=code, contacted_at__isnull=False)
        .select_related("need__organisation", "need__caretaker", "solution__organisation")
        .first()
    )
    if match is not None:
        return match
    contracts = Contract.objects.visible_to(user).select_related("need__organisation", "need__caretaker", "supplier")
    return contracts.filter(code=code).first()


def locked(subject: Subject) -> Subject:
    """The same, as it is now, held until the transaction ends."""
    if isinstance(subject, Match):
        matches = Match.objects.select_for_update(of=("self",), no_key=True)
        return matches.select_related("need__organisation", "need__caretaker", "solution__organisation").get(
            pk=subject.pk
        )
    contracts = Contract.objects.select_for_update(of=("self",), no_key=True)
    return contracts.select_related("need__organisation", "need__caretaker", "supplier").get(pk=subject.pk)


def has_ended(subject: Subject) -> bool:
    """Nothing more comes of it: a routine follow-up may be brought to its end."""
    if isinstance(subject, Contract):
        return subject.state in (ContractState.SOLVED, ContractState.TERMINATED)
    return _is_over(subject.need)


def _is_over(need: Need) -> bool:
    return need.state in (NeedState.CLOSED, NeedState.WITHDRAWN)
