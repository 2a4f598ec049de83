"""Reacts to what happened below: the run's row is written in the transaction of its cause."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from challenges.models import Bid, Challenge
from challenges.signals import (
    bid_awarded,
    bid_declined,
    bid_reconsidered,
    bids_unsealed,
)
from contracts.models import Contract
from contracts.signals import contract_accepted, contract_signed, contract_solved
from matching.documents.builder import matchable_needs, store_needs
from matching.learning import feedback, judgements
from matching.models import FeedbackKind, Match, StoredDocument, Trigger
from matching.runs.actions import start_rematch, start_run
from matching.signals import match_answered, match_reviewed, weighting_changed
from needs.models import Need
from needs.signals import (
    needs_changed,
    needs_published,
    needs_submitted,
    needs_unlisted,
)
from solutions.kinds import kind_of
from solutions.models import Solution
from solutions.signals import solutions_changed, solutions_published, solutions_unlisted


@receiver(needs_submitted)
def match_submitted_needs(*, needs: list[Need], by: User | None, at: datetime, **_: Any) -> None:
    """The poser sees candidates from the moment of submitting."""
    start_run(trigger=Trigger.NEED_SUBMITTED, needs=needs, by=by, at=at)


@receiver(needs_published)
def match_published_needs(*, needs: list[Need], by: User | None, at: datetime, **_: Any) -> None:
    """Now suppliers may see it: the run tells them."""
    start_run(trigger=Trigger.NEED_PUBLISHED, needs=needs, by=by, at=at)


@receiver(needs_changed)
def match_changed_needs(*, needs: list[Need], by: User | None, at: datetime, **_: Any) -> None:
    """What was taken back from public cannot be searched for any more from this moment on, whenever the run comes."""
    store_needs(matchable_needs().filter(pk__in=[need.pk for need in needs]))
    start_run(trigger=Trigger.NEED_CHANGED, needs=needs, by=by, at=at)


@receiver(needs_unlisted)
def forget_needs(*, needs: list[Need], at: datetime, **_: Any) -> None:
    """Out of the index and the search at once, not when a run comes by."""
    StoredDocument.objects.filter(need__in=needs).update(is_active=False, changed_at=at)


@receiver(solutions_published)
def match_published_solutions(*, solutions: list[Solution], by: User | None, at: datetime, **_: Any) -> None:
    if changed := _matched(solutions):
        start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=changed, by=by, at=at)


@receiver(solutions_changed)
def match_changed_solutions(*, solutions: list[Solution], by: User | None, at: datetime, **_: Any) -> None:
    if changed := _matched(solutions):
        start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=changed, by=by, at=at)


@receiver(solutions_unlisted)
def forget_solutions(*, solutions: list[Solution], at: datetime, **_: Any) -> None:
    StoredDocument.objects.filter(solution__in=solutions).update(is_active=False, changed_at=at)


@receiver(bids_unsealed)
def note_bids(*, challenge: Challenge, at: datetime, **_: Any) -> None:
    feedback.note_unsealed(challenge=challenge, at=at)


@receiver(bid_awarded)
def note_award(*, bid: Bid, at: datetime, **_: Any) -> None:
    feedback.note_answered(bid=bid, kind=FeedbackKind.AWARD, at=at)


@receiver(bid_declined)
def note_decline(*, bid: Bid, at: datetime, **_: Any) -> None:
    feedback.note_answered(bid=bid, kind=FeedbackKind.DECLINE, at=at)


@receiver(bid_reconsidered)
def forget_answer(*, bid: Bid, at: datetime, **_: Any) -> None:
    feedback.forget_answered(bid=bid, at=at)


@receiver(contract_signed)
def note_signature(*, contract: Contract, at: datetime, **_: Any) -> None:
    feedback.note_contract(contract=contract, kind=FeedbackKind.SIGNED, at=at)


@receiver(contract_accepted)
def note_acceptance(*, contract: Contract, at: datetime, **_: Any) -> None:
    feedback.note_contract(contract=contract, kind=FeedbackKind.ACCEPTED, at=at)


@receiver(contract_solved)
def note_solution(*, contract: Contract, at: datetime, **_: Any) -> None:
    feedback.note_contract(contract=contract, kind=FeedbackKind.SOLVED, at=at)


def _matched(solutions: list[Solution]) -> list[Solution]:
    return [solution for solution in solutions if kind_of(solution).is_matched]


@receiver(match_reviewed)
def note_review(*, match: Match, at: datetime, **_: Any) -> None:
    judgements.note_review(match, at=at)


@receiver(match_answered)
def note_answer(*, match: Match, side: str, at: datetime, **_: Any) -> None:
    judgements.note_answer(match, side=side, at=at)


@receiver(weighting_changed)
def rematch(*, by: User | None, at: datetime, **_: Any) -> None:
    start_rematch(by=by, at=at)
