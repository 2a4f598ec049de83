"""The contract an award leads to: drafted in the bid's terms and linked, or let go when the award is taken back."""

from datetime import datetime

from accounts.audit import note
from accounts.models import User
from challenges.bid.queries import counting_version
from challenges.models import Bid, BidVersion
from contracts.contract import actions as contracts
from contracts.models import Contract
from needs.models import Need


def contract_of_award(*, bid: Bid, need: Need, by: User, at: datetime) -> Contract:
    """The contract between the need's organisation and the bidder: drafted now, or the one there is.

    It belongs to `bid` from now on, a draft or signed, and an existing text stays as it is; unless it came from an
    earlier award: then `bid.contract` stays empty, and the caller compares. The caller has locked need and bid.
    """
    existing = Contract.objects.unterminated().filter(need=need, supplier=bid.organisation_id).exists()
    version = counting_version(bid)
    terms = _terms_of(version) if version else None
    contract = contracts.draft_contract(need=need, supplier=bid.organisation, terms=terms, by=by, at=at)
    if not Bid.objects.filter(contract=contract).exists():
        bid.contract = contract
        bid.save(update_fields=["contract"])
        if existing:
            note(contract, "link", by=by, at=at, from_state=contract.state, reason=bid.code)
    return contract


def let_contract_go(*, bid: Bid, reason: str, by: User, at: datetime) -> None:
    """The award of a locked bid is taken back: its contract is not its own any more, and ends if it was a draft.

    WrongState when it was signed since the award.
    """
    if bid.contract is None:
        return
    contracts.discard_draft(contract=bid.contract, drafted_for=bid.answered_at, reason=reason, by=by, at=at)
    bid.contract = None
    bid.save(update_fields=["contract"])


def _terms_of(version: BidVersion) -> contracts.Terms:
    return contracts.Terms(
        amount=version.price,
        rights_sharing=version.ip_proposal,
        solution=version.solutions.order_by("pk").first(),
        months=max([version.months or 0, *(row["month"] for row in version.plan)]),
        plan=version.plan,
    )
