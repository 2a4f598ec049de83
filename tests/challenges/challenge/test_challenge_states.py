"""Every action of a challenge: where it leads, from where and to whom it is refused, and what pages offer."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.permissions import Denied
from challenges.challenge import actions as verbs
from challenges.challenge import automatic, drafts
from challenges.challenge.permissions import allowed_challenge_actions
from challenges.challenge.workflow import CHALLENGE_ACTIONS
from challenges.models import Challenge
from lib.refusals import WrongState
from tests.challenges.challenge_steps import (
    ACTIONS,
    CRITERIA,
    STATES,
    SWEEPS,
    VALUES,
    act,
    in_state,
)
from tests.factories.bids import BidFactory

pytestmark = pytest.mark.django_db

ALLOWED = [(action, state) for action in ACTIONS for state in sorted(CHALLENGE_ACTIONS[action].sources)]
FORBIDDEN = [
    (action, state) for action in ACTIONS for state in STATES if state not in CHALLENGE_ACTIONS[action].sources
]


def prepared(action: str, state: str, **fields: Any) -> Challenge:
    """In `state`, with whatever else the action asks for."""
    over = timezone.now() - timedelta(minutes=1)
    extra: dict[str, dict[str, Any]] = {
        "announce": {"notice_days": 3},
        "open": {"notice_until": over},
        "close_bidding": {"closes_at": over},
        "fail": {"closes_at": over},
    }
    challenge = in_state(state, **{**fields, **extra.get(action, {})})
    if action == "close_bidding":
        BidFactory(challenge=challenge, submitted=True)
    return challenge


@pytest.mark.parametrize(("action", "state"), ALLOWED)
def test_an_action_leads_where_the_table_says(action, state, buyer, enterprise, operator):
    challenge = prepared(action, state, organisation=enterprise)
    act(action, challenge, owner=buyer, operator=operator)
    challenge.refresh_from_db()
    assert challenge.state == CHALLENGE_ACTIONS[action].target
    trail = AuditEvent.objects.get(object_code=challenge.code)
    assert (trail.action, trail.from_state, trail.to_state) == (f"challenge.{action}", state, challenge.state)
    assert trail.object_label == challenge.need.title


@pytest.mark.parametrize(("action", "state"), FORBIDDEN)
def test_an_action_is_refused_from_every_other_state(action, state, buyer, enterprise, operator):
    challenge = prepared(action, state, organisation=enterprise)
    if action in SWEEPS:
        assert act(action, challenge, owner=buyer, operator=operator) == []
    else:
        with pytest.raises(WrongState):
            act(action, challenge, owner=buyer, operator=operator)
    challenge.refresh_from_db()
    assert challenge.state == state
    assert not AuditEvent.objects.exists()


OTHERS = [
    (action, who)
    for action in ACTIONS
    for who in ("colleague", "outsider", "operator", "supplier")
    if "owner" in CHALLENGE_ACTIONS[action].actors and who not in CHALLENGE_ACTIONS[action].actors
]


@pytest.mark.parametrize(("action", "who"), OTHERS)
def test_others_do_not_act_for_the_owner(action, who, request, enterprise, operator):
    challenge = prepared(action, min(CHALLENGE_ACTIONS[action].sources), organisation=enterprise)
    with pytest.raises(Denied):
        act(action, challenge, owner=request.getfixturevalue(who), operator=operator)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("action", ["return", "announce"])
@pytest.mark.parametrize("who", ["buyer", "colleague", "outsider", "supplier"])
def test_only_operators_review(action, who, request, enterprise, buyer):
    challenge = prepared(action, "submitted", organisation=enterprise)
    with pytest.raises(Denied):
        act(action, challenge, owner=buyer, operator=request.getfixturevalue(who))


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_a_draft_ends_too_although_its_need_has_and_stays_its_posers(state, enterprise, buyer, outsider):
    challenge = in_state(state, organisation=enterprise)
    need = challenge.need
    need.state, need.closed_at, need.close_reason = "closed", timezone.now(), "solved_elsewhere"
    need.save()
    act("cancel", challenge, owner=buyer, operator=buyer)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.announced_at) == ("cancelled", None)
    assert not Challenge.objects.visible_to(outsider).exists()


@pytest.mark.parametrize("state", sorted(CHALLENGE_ACTIONS["cancel"].sources))
def test_an_operator_may_cancel_too(state, enterprise, operator):
    challenge = in_state(state, organisation=enterprise)
    act("cancel", challenge, owner=operator, operator=operator)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.end_reason) == ("cancelled", "技术路线调整")


@pytest.mark.parametrize("state", STATES)
def test_pages_offer_exactly_the_actions_of_the_table(state, buyer, colleague, supplier, operator, enterprise):
    challenge = in_state(state, organisation=enterprise)

    def offered(person: Any) -> set[str]:
        return set(allowed_challenge_actions(person, challenge)) & set(CHALLENGE_ACTIONS)

    def of(actor: str) -> set[str]:
        found = {name for name, step in CHALLENGE_ACTIONS.items() if actor in step.actors and state in step.sources}
        return found - {"refuse_claim"}  # of a first claim only

    assert offered(buyer) == of("owner")
    assert offered(operator) == of("operator")
    assert offered(colleague) == offered(supplier) == set()


def test_a_claim_is_refused_on_a_first_claim_only(buyer, enterprise):
    claimed = in_state("awarded", organisation=enterprise, mode="first_claim", weights=())
    assert "refuse_claim" in allowed_challenge_actions(buyer, claimed)


def test_the_way_from_the_draft_to_the_evaluation(buyer, enterprise, operator):
    challenge = in_state("draft", organisation=enterprise)
    now = timezone.now()
    need = challenge.need
    challenge.delete()
    challenge = drafts.create_challenge(
        need=need,
        mode="open_challenge",
        values={**VALUES, "closes_at": now + timedelta(days=20)},
        criteria=CRITERIA,
        by=buyer,
        at=now,
    )
    states = [challenge.state]
    states.append(verbs.submit_challenge(challenge=challenge, by=buyer, at=now).state)
    states.append(verbs.announce_challenge(challenge=challenge, by=operator, at=now).state)
    BidFactory(challenge=challenge, submitted=True)
    states += [closed.state for closed in automatic.close_due(at=now + timedelta(days=20))]
    assert states == ["draft", "submitted", "open", "evaluating"]
