"""What later decisions say about pairs of a need and an output: one row per named output and event, written once.

A decision that was taken back says nothing: its rows go, and the next decision writes its own.
"""

from collections.abc import Iterable
from datetime import datetime

from challenges.models import Bid, Challenge
from contracts.models import Contract
from matching.learning import judgements
from matching.models import Feedback, FeedbackKind, Match
from needs.models import Need
from solutions.models import Solution


def note_unsealed(*, challenge: Challenge, at: datetime) -> None:
    """Who took part. Bids that are still sealed, and those that stay so for good, are nobody's business here either."""
    for bid in challenge.bids.unsealed().select_related("challenge__need"):
        _note_bid(bid, FeedbackKind.BID, at=at)


def note_answered(*, bid: Bid, kind: FeedbackKind, at: datetime) -> None:
    """A bid was awarded or declined, the reason with it; a bid that was never opened leaves no trace."""
    opened = Bid.objects.unsealed().select_related("challenge__need").filter(pk=bid.pk).first()
    if opened is not None:
        _note_bid(opened, kind, at=at, reason=opened.reason if kind == FeedbackKind.DECLINE else "")


def forget_answered(*, bid: Bid, at: datetime) -> None:
    """The award or the answer was taken back; that the bid took part stays true."""
    said = Feedback.objects.filter(source_code=bid.code, kind__in=[FeedbackKind.AWARD, FeedbackKind.DECLINE])
    judgements.note_taken_back(list(said.select_related("need", "solution", "match")), at=at)
    said.delete()


def note_contract(*, contract: Contract, kind: FeedbackKind, at: datetime) -> None:
    """A contract was signed, accepted or solved: about its output, else about those its bid named."""
    if contract.solution is not None:
        solutions: Iterable[Solution] = [contract.solution]
    else:
        bid = Bid.objects.filter(contract=contract).first()
        solutions = [] if bid is None else _named_in(bid)
    _write(need=contract.need, solutions=solutions, kind=kind, source_code=contract.code, at=at)


def _note_bid(bid: Bid, kind: FeedbackKind, *, at: datetime, reason: str = "") -> None:
    _write(need=bid.challenge.need, solutions=_named_in(bid), kind=kind, source_code=bid.code, at=at, reason=reason)


def _named_in(bid: Bid) -> list[Solution]:
    """The outputs the version that counts builds on: the last one handed in."""
    version = bid.versions.handed_in().order_by("-number").first()
    return [] if version is None else list(version.solutions.all())


def _write(
    *,
    need: Need,
    solutions: Iterable[Solution],
    kind: FeedbackKind,
    source_code: str,
    at: datetime,
    reason: str = "",
) -> None:
    matches = {match.solution_id: match for match in Match.objects.filter(need=need, solution__in=solutions)}
    rows = [
        Feedback(
            need=need,
            solution=solution,
            match=matches.get(solution.pk),
            kind=kind,
            reason=reason,
            source_code=source_code,
            at=at,
        )
        for solution in solutions
    ]
    # a signal sent twice, or a second claim on the same challenge
    Feedback.objects.bulk_create(rows, ignore_conflicts=True)
    judgements.note_feedback(rows)
