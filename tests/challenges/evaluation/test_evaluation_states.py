"""Who may do what in an evaluation, and when: every action of the tables from every state and by every person."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.permissions import Denied
from challenges.answer import actions as answers_to_bids
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeState
from challenges.evaluation import actions as award
from challenges.evaluation import minutes
from challenges.evaluation.permissions import allowed_evaluation_actions
from challenges.models import Bid, Challenge
from challenges.review import actions as evaluation
from challenges.review import scorecards
from challenges.review.permissions import allowed_reviewer_actions
from challenges.review.workflow import (
    REVIEWER_ACTIONS,
    SCORECARD_ACTIONS,
    ReviewerState,
    ScorecardState,
)
from lib.refusals import WrongState
from tests.challenges.evaluating import ANSWER, DECLINED
from tests.challenges.evaluating import evaluation as evaluated
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.evaluation import AppealFactory, ReviewerFactory, ScorecardFactory
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.django_db

CHALLENGE_STATES = [state.value for state in ChallengeState]
OTHERS = ("colleague", "outsider", "supplier")


def pairs(table, states, names=None):
    """(action, state) the table allows, and those it does not."""
    chosen = {name: step for name, step in table.items() if names is None or name in names}
    allowed = [(name, state) for name, step in chosen.items() for state in sorted(step.sources)]
    refused = [(name, state) for name, step in chosen.items() for state in states if state not in step.sources]
    return allowed, refused


# --- Reviewers --------------------------------------------------------------------------------------------------

REVIEWER_STATES = [state.value for state in ReviewerState]
REVIEWER_ALLOWED, REVIEWER_REFUSED = pairs(REVIEWER_ACTIONS, REVIEWER_STATES)


def reviewer_in(state: str, enterprise: Any) -> Any:
    made = evaluated(enterprise, reviewers=0)
    traits = {} if state == "assigned" else {state: True}
    return ReviewerFactory(challenge=made.challenge, **traits)


def act_on_reviewer(action: str, reviewer: Any, by: Any) -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "declare": lambda: evaluation.declare_no_conflict(reviewer=reviewer, by=by, at=now),
        "recuse": lambda: evaluation.recuse(reviewer=reviewer, reason="有合作", by=by, at=now),
        "remove": lambda: evaluation.remove_reviewer(reviewer=reviewer, reason="出差", by=by, at=now),
    }
    return steps[action]()


@pytest.mark.parametrize(("action", "state"), REVIEWER_ALLOWED)
def test_a_step_of_a_reviewer_leads_where_the_table_says(action, state, enterprise, buyer):
    reviewer = reviewer_in(state, enterprise)
    act_on_reviewer(action, reviewer, buyer if action == "remove" else reviewer.user)
    reviewer.refresh_from_db()
    assert reviewer.state == REVIEWER_ACTIONS[action].target
    trail = AuditEvent.objects.get(action=f"review.{action}")
    assert (trail.from_state, trail.to_state, trail.reason) == (state, reviewer.state, "")


@pytest.mark.parametrize(("action", "state"), REVIEWER_REFUSED)
def test_a_step_of_a_reviewer_is_refused_from_every_other_state(action, state, enterprise, buyer):
    reviewer = reviewer_in(state, enterprise)
    with pytest.raises(WrongState):
        act_on_reviewer(action, reviewer, buyer if action == "remove" else reviewer.user)
    reviewer.refresh_from_db()
    assert reviewer.state == state


@pytest.mark.parametrize("action", sorted(REVIEWER_ACTIONS))
@pytest.mark.parametrize("who", ["buyer", "operator", "other reviewer", *OTHERS])
def test_only_whose_turn_it_is_takes_a_step_of_a_reviewer(action, who, enterprise, request):
    reviewer = reviewer_in("assigned", enterprise)
    if who == "other reviewer":
        person = ReviewerFactory(challenge=reviewer.challenge, active=True).user
    else:
        person = request.getfixturevalue(who)
    if action == "remove" and who in {"buyer", "operator"}:
        act_on_reviewer(action, reviewer, person)
        return
    with pytest.raises(Denied):
        act_on_reviewer(action, reviewer, person)


@pytest.mark.parametrize("state", REVIEWER_STATES)
def test_a_reviewers_page_offers_exactly_the_steps_of_the_table(state, enterprise):
    offered = allowed_reviewer_actions(reviewer_in(state, enterprise))
    own = {name for name, step in REVIEWER_ACTIONS.items() if step.actor == "reviewer" and state in step.sources}
    assert offered - {"score"} == own
    assert ("score" in offered) is (state == "active")


# --- Scorecards -------------------------------------------------------------------------------------------------

SCORECARD_ALLOWED, SCORECARD_REFUSED = pairs(SCORECARD_ACTIONS, [state.value for state in ScorecardState])


def score(action: str, made: Any, by: Any) -> Any:
    verb = scorecards.submit_scorecard if action == "submit" else scorecards.save_scorecard
    given = {row.pk: Decimal(70) for row in made.challenge.criteria.all()}
    return verb(reviewer=made.reviewer, bid=made.bid, points=given, comment="可行。", by=by, at=timezone.now())


@pytest.mark.parametrize(("action", "state"), SCORECARD_ALLOWED)
def test_a_scorecard_goes_where_the_table_says(action, state, enterprise):
    made = evaluated(enterprise)
    ScorecardFactory(reviewer=made.reviewer, bid=made.bid)
    assert score(action, made, made.reviewer.user).state == SCORECARD_ACTIONS[action].target


@pytest.mark.parametrize(("action", "state"), SCORECARD_REFUSED)
def test_a_submitted_scorecard_is_closed(action, state, enterprise):
    made = evaluated(enterprise)
    card = ScorecardFactory(reviewer=made.reviewer, bid=made.bid, submitted=True, points=50)
    with pytest.raises(WrongState):
        score(action, made, made.reviewer.user)
    assert set(card.scores.values_list("points", flat=True)) == {Decimal(50)}


@pytest.mark.parametrize("action", sorted(SCORECARD_ACTIONS))
@pytest.mark.parametrize("who", ["buyer", "operator", "other reviewer", *OTHERS])
def test_nobody_scores_for_another(action, who, enterprise, request):
    made = evaluated(enterprise)
    person = made.reviewers[1].user if who == "other reviewer" else request.getfixturevalue(who)
    with pytest.raises(Denied):
        score(action, made, person)


# --- The challenge ----------------------------------------------------------------------------------------------

MINE = ("award", "declare_failed", "reopen")
CHALLENGE_ALLOWED, CHALLENGE_REFUSED = pairs(CHALLENGE_ACTIONS, CHALLENGE_STATES, MINE)


def ready(state: str, enterprise: Any) -> Any:
    """Bids scored and minutes signed, whatever the state says: only the state may refuse."""
    made = evaluated(enterprise, signed=True)
    if state == "awarded":
        now = timezone.now()
        Bid.objects.filter(pk=made.bid.pk).update(
            state="awarded", answer=ANSWER, answered_at=now, answered_by=made.bid.created_by
        )
        made.bid.refresh_from_db()
    put(made.challenge, state)
    return made


def put(challenge: Challenge, state: str) -> None:
    """Force a state with what the database asks of it."""
    challenge.state = state
    if state in {"closed", "failed", "cancelled"}:
        challenge.ended_at, challenge.end_reason = timezone.now(), "试验"
    if state == "awarded":
        challenge.awarded_at = timezone.now()
    if state == "returned":
        challenge.return_reason = "试验"
    challenge.save()


def act_on_challenge(action: str, made: Any, *, owner: Any, operator: Any) -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "award": lambda: award.award_bid(bid=made.bid, reason="", answer=ANSWER, by=owner, at=now),
        "declare_failed": lambda: award.declare_failed(challenge=made.challenge, reason="都不达标", by=owner, at=now),
        "reopen": lambda: award.take_back_award(challenge=made.challenge, by=operator, at=now),
    }
    return steps[action]()


@pytest.mark.parametrize(("action", "state"), CHALLENGE_ALLOWED)
def test_the_award_and_its_end_lead_where_the_table_says(action, state, enterprise, buyer, operator):
    made = ready(state, enterprise)
    act_on_challenge(action, made, owner=buyer, operator=operator)
    made.challenge.refresh_from_db()
    assert made.challenge.state == CHALLENGE_ACTIONS[action].target
    assert AuditEvent.objects.filter(action=f"challenge.{action}", from_state=state).count() == 1


@pytest.mark.parametrize(("action", "state"), CHALLENGE_REFUSED)
def test_the_award_and_its_end_are_refused_from_every_other_state(action, state, enterprise, buyer, operator):
    made = ready(state, enterprise)
    with pytest.raises(WrongState):
        act_on_challenge(action, made, owner=buyer, operator=operator)
    made.challenge.refresh_from_db()
    assert made.challenge.state == state
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("action", MINE)
@pytest.mark.parametrize("who", ["buyer", "operator", "reviewer", *OTHERS])
def test_only_whose_turn_it_is_awards_fails_or_reopens(action, who, enterprise, request):
    made = ready(min(CHALLENGE_ACTIONS[action].sources), enterprise)
    person = made.reviewer.user if who == "reviewer" else request.getfixturevalue(who)
    roles = {"buyer": {"owner"}, "operator": {"operator"}}.get(who, set())
    if CHALLENGE_ACTIONS[action].actors & roles:
        act_on_challenge(action, made, owner=person, operator=person)
        return
    with pytest.raises(Denied):
        act_on_challenge(action, made, owner=person, operator=person)


@pytest.mark.parametrize("state", [state for state in CHALLENGE_STATES if state != "evaluating"])
def test_reviewing_happens_while_bids_are_evaluated_and_never_else(state, enterprise, buyer):
    made = evaluated(enterprise, minutes=True)
    newcomer = MembershipFactory().user
    waiting = ReviewerFactory(challenge=made.challenge)
    put(made.challenge, state)
    now, reviewer = timezone.now(), made.reviewer
    steps: list[Callable[[], Any]] = [
        lambda: evaluation.assign_reviewer(challenge=made.challenge, user=newcomer, by=buyer, at=now),
        lambda: evaluation.declare_no_conflict(reviewer=waiting, by=waiting.user, at=now),
        lambda: evaluation.recuse(reviewer=reviewer, reason="有合作", by=reviewer.user, at=now),
        lambda: evaluation.remove_reviewer(reviewer=reviewer, reason="出差", by=buyer, at=now),
        lambda: score("save", made, reviewer.user),
        lambda: score("submit", made, reviewer.user),
        lambda: minutes.draw_up_minutes(challenge=made.challenge, remarks="", by=buyer, at=now),
        lambda: minutes.sign_minutes(reviewer=reviewer, text_hash=made.minutes.text_hash, by=reviewer.user, at=now),
    ]
    for step in steps:
        with pytest.raises(WrongState):
            step()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", *OTHERS])
def test_reviewers_and_minutes_are_for_the_poser_and_operators(who, enterprise, request):
    made = evaluated(enterprise, scored=True)
    person = made.reviewer.user if who == "reviewer" else request.getfixturevalue(who)
    with pytest.raises(Denied):
        evaluation.assign_reviewer(
            challenge=made.challenge, user=MembershipFactory().user, by=person, at=timezone.now()
        )
    with pytest.raises(Denied):
        minutes.draw_up_minutes(challenge=made.challenge, remarks="", by=person, at=timezone.now())


@pytest.mark.parametrize("state", CHALLENGE_STATES)
def test_the_evaluation_page_offers_exactly_what_its_reader_may_do(state, enterprise, buyer, colleague, operator):
    made = evaluated(enterprise)
    put(made.challenge, state)
    running = {"assign", "remove", "draw_up"} if state == "evaluating" else set()
    steps = {name for name in ("award", "declare_failed") if state in CHALLENGE_ACTIONS[name].sources}
    offered = {
        person: allowed_evaluation_actions(user=person, challenge=made.challenge)
        for person in (buyer, operator, colleague)
    }
    assert offered[buyer] == running | steps | {"answer"}
    assert offered[operator] == running | {"decide_appeal"}
    assert offered[colleague] == set()


# --- Bids -------------------------------------------------------------------------------------------------------

BID_STATES = [state.value for state in BidState]
BID_ALLOWED, BID_REFUSED = pairs(BID_ACTIONS, BID_STATES, ("decline", "reconsider"))


def bid_in(state: str, enterprise: Any, **challenge: Any) -> Bid:
    need = NeedFactory(published=True, organisation=enterprise)
    traits = {} if state == "draft" else {state: True}
    rules = challenge or {"awarded": True}
    return BidFactory(challenge=ChallengeFactory(need=need, **rules), label=1, **traits)


def act_on_bid(action: str, bid: Bid, *, owner: Any, operator: Any) -> Any:
    now = timezone.now()
    if action == "decline":
        return answers_to_bids.answer_bid(bid=bid, reason="plan", answer=DECLINED, by=owner, at=now)
    if bid.state == "awarded":
        return award.take_back_award(challenge=bid.challenge, by=operator, at=now)
    return answers_to_bids.decide_appeal(
        appeal=AppealFactory(bid=bid), upheld=True, answer=DECLINED, by=operator, at=now
    )


@pytest.mark.parametrize(("action", "state"), BID_ALLOWED)
def test_an_answer_and_its_reconsideration_lead_where_the_table_says(action, state, enterprise, buyer, operator):
    bid = bid_in(state, enterprise)
    act_on_bid(action, bid, owner=buyer, operator=operator)
    bid.refresh_from_db()
    assert bid.state == BID_ACTIONS[action].target
    assert AuditEvent.objects.filter(action=f"bid.{action}", from_state=state, object_code=bid.code).count() == 1


@pytest.mark.parametrize("state", [state for action, state in BID_REFUSED if action == "decline"])
def test_only_a_bid_that_waits_is_answered(state, enterprise, buyer, operator):
    bid = bid_in(state, enterprise)
    with pytest.raises(WrongState):
        act_on_bid("decline", bid, owner=buyer, operator=operator)
    bid.refresh_from_db()
    assert bid.state == state


@pytest.mark.parametrize("state", [state for state in CHALLENGE_STATES if state not in {"awarded", "closed", "failed"}])
def test_bids_are_answered_after_the_evaluation_only(state, enterprise, buyer):
    bid = bid_in("submitted", enterprise, evaluating=True)
    put(bid.challenge, state)
    if state not in {"evaluating", "cancelled"}:
        Challenge.objects.update(bidding_closed_at=None)
    if state == "cancelled":  # what an appeal revived on a challenge that was cancelled after its opening
        assert answers_to_bids.answer_bid(bid=bid, reason="plan", answer=DECLINED, by=buyer, at=timezone.now())
        return
    with pytest.raises(WrongState):
        answers_to_bids.answer_bid(bid=bid, reason="plan", answer=DECLINED, by=buyer, at=timezone.now())


@pytest.mark.parametrize("state", ["awarded", "closed", "failed"])
def test_bids_are_answered_once_there_is_a_result(state, enterprise, buyer):
    bid = bid_in("submitted", enterprise, evaluating=True)
    put(bid.challenge, state)
    assert answers_to_bids.answer_bid(bid=bid, reason="plan", answer=DECLINED, by=buyer, at=timezone.now())


@pytest.mark.parametrize("action", ["decline", "reconsider"])
@pytest.mark.parametrize("who", ["buyer", "operator", "bidder", *OTHERS])
def test_only_whose_turn_it_is_answers_or_reconsiders(action, who, enterprise, request):
    bid = bid_in("submitted" if action == "decline" else "declined", enterprise)
    member = MembershipFactory(organisation=bid.organisation).user
    person = member if who == "bidder" else request.getfixturevalue(who)
    roles = {"buyer": {"owner"}, "operator": {"operator"}}.get(who, set())
    if BID_ACTIONS[action].actors & roles:
        act_on_bid(action, bid, owner=person, operator=person)
        return
    with pytest.raises(Denied):
        act_on_bid(action, bid, owner=person, operator=person)
