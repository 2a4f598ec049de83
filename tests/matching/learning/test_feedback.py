"""Bid, award and acceptance, written upwards for whoever trains the matcher."""

from typing import Any

import pytest
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import Organisation, User
from challenges import signals
from challenges.answer.actions import answer_bid, decide_appeal
from challenges.evaluation.actions import take_back_award
from challenges.models import Bid
from contracts import signals as contracts_signals
from matching.learning import actions as weightings
from matching.models import Feedback, Judgement
from solutions.models import Solution
from tests.challenges.evaluating import DECLINED, awarded
from tests.factories.bids import BidFactory, BidVersionFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory
from tests.factories.evaluation import AppealFactory
from tests.factories.matching import MatchFactory, valued
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def output() -> Solution:
    return OutputFactory(published=True)


def naming(*outputs: Solution, **traits: Any) -> Bid:
    """A bid on a challenge whose bids were opened, building on these outputs."""
    bid = BidFactory(**{"challenge": ChallengeFactory(evaluating=True), "submitted": True, **traits})
    bid.versions.get().solutions.set(outputs)
    return bid


def rows() -> list[tuple[str, str, str]]:
    return sorted(Feedback.objects.values_list("kind", "source_code", "reason"))


def send(signal: Signal, **about: Any) -> None:
    signal.send(sender=object, by=None, at=timezone.now(), **about)


def test_opened_bids_leave_a_row_for_each_output_they_name(output: Solution) -> None:
    other = OutputFactory(published=True)
    bid = naming(output, other)
    match = MatchFactory(need=bid.challenge.need, solution=output)
    send(signals.bids_unsealed, challenge=bid.challenge)
    found = {row.solution: row.match for row in Feedback.objects.filter(kind="bid", source_code=bid.code)}
    assert found == {output: match, other: None}
    assert {row.need for row in Feedback.objects.all()} == {bid.challenge.need}


def test_sealed_bids_leave_none(output: Solution) -> None:
    bid = naming(output, challenge=ChallengeFactory(open_now=True))
    send(signals.bids_unsealed, challenge=bid.challenge)
    assert rows() == []


def test_a_bid_that_was_never_opened_leaves_none_when_it_is_answered(output: Solution) -> None:
    bid = naming(output, challenge=ChallengeFactory(open_now=True), declined=True, submitted=False)
    send(signals.bid_declined, bid=bid)
    assert rows() == []


def test_a_signal_sent_twice_writes_once(output: Solution) -> None:
    bid = naming(output)
    for _ in range(2):
        send(signals.bids_unsealed, challenge=bid.challenge)
    assert rows() == [("bid", bid.code, "")]


def test_award_and_decline_are_noted_the_decline_with_its_reason(output: Solution) -> None:
    winner = naming(output, awarded=True, submitted=False)
    loser = naming(output, declined=True, submitted=False, challenge=winner.challenge)
    send(signals.bid_awarded, bid=winner)
    send(signals.bid_declined, bid=loser)
    assert rows() == sorted([("award", winner.code, ""), ("decline", loser.code, "better_bid")])


def test_a_bid_declined_again_says_the_new_reason_alone(output: Solution) -> None:
    bid = naming(output, declined=True, submitted=False)
    send(signals.bids_unsealed, challenge=bid.challenge)
    send(signals.bid_declined, bid=bid)
    send(signals.bid_reconsidered, bid=bid)
    assert rows() == [("bid", bid.code, "")]
    bid.reason = "price"
    bid.save()
    send(signals.bid_declined, bid=bid)
    assert rows() == [("bid", bid.code, ""), ("decline", bid.code, "price")]


def test_an_upheld_appeal_takes_back_what_was_noted_of_the_answer(
    output: Solution, enterprise: Organisation, buyer: User, operator: User
) -> None:
    made = awarded(enterprise)
    winner, loser = made.bids
    for bid in made.bids:
        bid.versions.get().solutions.set([output])
    send(signals.bid_awarded, bid=winner)
    answer_bid(bid=loser, reason="plan", answer=DECLINED, by=buyer, at=timezone.now())
    assert rows() == sorted([("award", winner.code, ""), ("decline", loser.code, "plan")])
    given = AppealFactory(bid=loser)
    decide_appeal(appeal=given, upheld=True, answer=DECLINED, by=operator, at=timezone.now())
    assert rows() == [("award", winner.code, "")]
    answer_bid(bid=loser, reason="price", answer=DECLINED, by=buyer, at=timezone.now())
    assert rows() == sorted([("award", winner.code, ""), ("decline", loser.code, "price")])


def test_an_award_taken_back_leaves_nothing_of_award_and_answers(
    output: Solution, enterprise: Organisation, buyer: User, operator: User
) -> None:
    made = awarded(enterprise)
    for bid in made.bids:
        bid.versions.get().solutions.set([output])
    send(signals.bid_awarded, bid=made.bid)
    answer_bid(bid=made.bids[1], reason="plan", answer=DECLINED, by=buyer, at=timezone.now())
    take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    assert rows() == []


def test_an_award_taken_back_teaches_nothing_any_more(
    output: Solution, enterprise: Organisation, operator: User
) -> None:
    made = awarded(enterprise)
    made.bid.versions.get().solutions.set([output])
    valued(MatchFactory(need=made.challenge.need, solution=output), title=0.4)
    send(signals.bid_awarded, bid=made.bid)
    assert [example.lesson.grade for example in weightings.examples()] == [3]
    take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    assert weightings.examples() == []
    assert weightings.train_weighting(at=timezone.now()).judgements == 2, "what was said and that it was taken back"
    send(signals.bid_awarded, bid=made.bid)
    assert [example.lesson.grade for example in weightings.examples()] == [3]


def test_of_a_bid_declined_again_the_new_reason_teaches(output: Solution) -> None:
    bid = naming(output, declined=True, reason="indicators_not_met")
    valued(MatchFactory(need=bid.challenge.need, solution=output), title=0.4)
    send(signals.bids_unsealed, challenge=bid.challenge)
    send(signals.bid_declined, bid=bid)
    send(signals.bid_reconsidered, bid=bid)
    assert [example.lesson.grade for example in weightings.examples()] == [2], "that it took part stays true"
    bid.reason = "price"
    bid.save()
    for _heard_twice in range(2):
        send(signals.bid_declined, bid=bid)
    send(signals.bids_unsealed, challenge=bid.challenge)
    [example] = weightings.examples()
    assert (example.lesson.grade, example.lesson.teaches) == (1, {"budget"})
    assert Judgement.objects.filter(kind="decline").count() == 2
    assert Judgement.objects.filter(kind="bid").count() == 1


def test_what_is_being_written_after_the_last_version_handed_in_does_not_count(output: Solution) -> None:
    bid = naming(output)
    BidVersionFactory(bid=bid, number=2, submitted_at=None).solutions.set([OutputFactory(published=True)])
    send(signals.bids_unsealed, challenge=bid.challenge)
    assert [row.solution for row in Feedback.objects.all()] == [output]


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (contracts_signals.contract_signed, "signed"),
        (contracts_signals.contract_accepted, "accepted"),
        (contracts_signals.contract_solved, "solved"),
    ],
)
def test_a_contract_is_about_its_output(signal: Signal, kind: str, output: Solution) -> None:
    match = MatchFactory(solution=output)
    contract = ContractFactory(need=match.need, solution=output)
    send(signal, contract=contract)
    row = Feedback.objects.get()
    assert (row.kind, row.source_code, row.solution, row.match) == (kind, contract.code, output, match)


def test_a_contract_from_a_bid_is_about_what_the_bid_named(output: Solution) -> None:
    bid = naming(output, awarded=True, submitted=False)
    contract = ContractFactory(need=bid.challenge.need, supplier=bid.organisation, bid=bid)
    send(contracts_signals.contract_signed, contract=contract)
    assert rows() == [("signed", contract.code, "")]


def test_a_contract_that_names_no_output_says_nothing_of_one() -> None:
    send(contracts_signals.contract_signed, contract=ContractFactory())
    assert rows() == []
