"""Deciding on a match in the moment one of its sides is taken back, and what else meets: two connections at once."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from challenges.answer.actions import answer_bid, decide_appeal
from challenges.challenge.steps import lock_challenge
from lib.refusals import WrongState
from matching.matches.actions import answer_as_buyer, confirm_match
from matching.matches.notices import tell_candidates
from matching.models import Feedback, Match
from needs.models import Need
from needs.need.actions import withdraw_need
from solutions.solution.actions import withdraw_solution
from tests.challenges.evaluating import DECLINED, awarded
from tests.factories.bids import BidFactory
from tests.factories.evaluation import AppealFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory
from tests.plugins.servers import HANG_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("side", ["need", "output"])
def test_nobody_is_invited_to_what_is_being_withdrawn(
    side: str,
    enterprise: Organisation,
    university: Organisation,
    buyer: User,
    supplier: User,
    operator: User,
    eventually: Callable[..., None],
) -> None:
    match = MatchFactory(
        need=NeedFactory(published=True, organisation=enterprise),
        solution=OutputFactory(published=True, organisation=university),
    )
    with transaction.atomic():
        if side == "need":
            withdraw_need(need=match.need, by=buyer, at=timezone.now())
        else:
            withdraw_solution(solution=match.solution, by=supplier, at=timezone.now())
        confirming = _Elsewhere(confirm_match, match=match, by=operator, at=timezone.now())
        eventually(_somebody_waits_for_this_test)
    assert isinstance(confirming.raised(), WrongState)
    assert Match.objects.get().review == "unreviewed"


def test_two_operators_and_a_poser_decide_at_once_and_one_confirmation_counts(
    enterprise: Organisation, buyer: User, operator: User
) -> None:
    match = MatchFactory(need=NeedFactory(published=True, organisation=enterprise))
    at = timezone.now()
    deciding = [
        _Elsewhere(confirm_match, match=match, by=operator, at=at),
        _Elsewhere(confirm_match, match=match, by=operator, at=at),
        _Elsewhere(answer_as_buyer, match=match, answer="interested", by=buyer, at=at),
    ]
    raised = [thread.raised() for thread in deciding]
    assert sorted(type(error).__name__ for error in raised) == ["NoneType", "NoneType", "WrongState"]
    match.refresh_from_db()
    assert (match.review, match.buyer_answer) == ("confirmed", "interested")


def test_who_tells_of_matches_waits_for_who_writes_or_decides_them(
    enterprise: Organisation, buyer: User, eventually: Callable[..., None]
) -> None:
    """Both hold the needs first, so that neither can hold what the other waits for."""
    match = MatchFactory(need=NeedFactory(published=True, organisation=enterprise))

    @transaction.atomic
    def tell() -> None:
        assert tell_candidates(run=match.run, at=timezone.now()) == 0, "rejected meanwhile"

    with transaction.atomic():
        Need.objects.select_for_update(no_key=True).get(pk=match.need_id)
        telling = _Elsewhere(tell)
        eventually(_somebody_waits_for_this_test)
        Match.objects.filter(pk=match.pk).update(
            review="rejected", reviewed_by=buyer, reviewed_at=timezone.now(), reject_reason="price"
        )
    assert telling.raised() is None


def test_a_bid_is_answered_while_an_appeal_against_another_is_decided(
    enterprise: Organisation, buyer: User, operator: User, eventually: Callable[..., None]
) -> None:
    """The answer leaves feedback that names the need, which the decision on the appeal holds."""
    made = awarded(enterprise)
    bid = BidFactory(challenge=made.challenge, submitted=True, label=3)
    bid.versions.get().solutions.set([OutputFactory(published=True, organisation=bid.organisation)])
    lost = made.bids[1]
    lost.state, lost.reason, lost.answer, lost.answered_at = "declined", "plan", DECLINED, timezone.now()
    lost.answered_by = buyer
    lost.save()
    appeal = AppealFactory(bid=lost)
    with transaction.atomic():
        lock_challenge(made.challenge)
        deciding = _Elsewhere(
            decide_appeal, appeal=appeal, upheld=False, answer=DECLINED, by=operator, at=timezone.now()
        )
        eventually(_somebody_waits_for_this_test)
        answer_bid(bid=bid, reason="better_bid", answer=DECLINED, by=buyer, at=timezone.now())
    assert deciding.raised() is None
    assert Feedback.objects.get().need == made.challenge.need


class _Elsewhere(Thread):
    """A call on a connection of its own; `raised()` waits for its end."""

    def __init__(self, function: Callable[..., Any], **arguments: Any) -> None:
        super().__init__(daemon=True)
        self.function, self.arguments = function, arguments
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.function(**self.arguments)
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def raised(self) -> Exception | None:
        self.join(timeout=HANG_SECONDS)
        assert not self.is_alive(), "waits for ever"
        return self.error


def _somebody_waits_for_this_test() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
