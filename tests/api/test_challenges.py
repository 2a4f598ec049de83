"""Challenges by program: what is told to whom, every step, and the same refusals as on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from challenges.challenge.workflow import CHALLENGE_ACTIONS
from challenges.models import Challenge, Objection
from tests.api.content import error_of, fields_of
from tests.challenges.challenge_steps import CRITERIA, VALUES, in_state
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory, ObjectionFactory
from tests.factories.needs import NeedFactory

LIST = "/api/v1/challenges/"


def url(challenge: Challenge, action: str = "") -> str:
    return f"{LIST}{challenge.code}/{action}/" if action else f"{LIST}{challenge.code}/"


def body(**changes: Any) -> dict[str, Any]:
    closes_at = (timezone.now() + timedelta(days=30)).isoformat()
    return {**VALUES, "closes_at": closes_at, "criteria": CRITERIA, **changes}


# --- Reading ---------------------------------------------------------------------------------------


def test_visitors_read_what_was_announced(visitor):
    announced = ChallengeFactory(open_now=True)
    ChallengeFactory()
    ChallengeFactory(submitted=True)
    rows = visitor.get(LIST).json()
    assert [row["code"] for row in rows["results"]] == [announced.code]
    row = rows["results"][0]
    assert row["need"]["title"] == announced.need.title
    assert sum(criterion["weight"] for criterion in row["criteria"]) == 100


@pytest.mark.parametrize(("who", "status"), [("buyer", 200), ("colleague", 200), ("operator", 200), ("outsider", 404)])
def test_a_draft_shows_to_its_people(who, status, request, api_of, enterprise):
    draft = in_state("draft", organisation=enterprise)
    assert api_of(request.getfixturevalue(who)).get(url(draft)).status_code == status


@pytest.mark.parametrize(("who", "told"), [("buyer", True), ("operator", True), ("outsider", False)])
def test_why_it_was_returned_is_told_to_its_people(who, told, request, api_of, enterprise):
    challenge = in_state("open", organisation=enterprise, return_reason="曾被退回")
    answer = api_of(request.getfixturevalue(who)).get(url(challenge)).json()
    assert (answer["return_reason"] == "曾被退回") is told


@pytest.mark.parametrize("who", ["buyer", "colleague", "operator", "outsider", "supplier"])
def test_nothing_tells_how_many_bid_before_the_deadline(who, request, api_of, enterprise):
    challenge = in_state("open", organisation=enterprise)
    api = api_of(request.getfixturevalue(who))
    without = api.get(url(challenge)).content, api.get(LIST).content
    BidFactory.create_batch(3, challenge=challenge, submitted=True)
    assert (api.get(url(challenge)).content, api.get(LIST).content) == without


def test_the_list_is_narrowed_by_state_mode_need_and_mine(api_of, buyer, enterprise):
    mine = in_state("open", organisation=enterprise)
    claim = ChallengeFactory(open_now=True, mode="first_claim", weights=())
    ChallengeFactory(evaluating=True)
    api = api_of(buyer)

    def found(**narrowed: str) -> list[str]:
        return [row["code"] for row in api.get(LIST, narrowed).json()["results"]]

    assert found(mine="true") == [mine.code]
    assert found(mode="first_claim") == [claim.code]
    assert set(found(state="open")) == {mine.code, claim.code}
    assert found(need=mine.need.code) == [mine.code]
    assert api.get(LIST, {"state": "nonsense"}).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_the_same_queries_however_long(number, visitor, django_assert_num_queries):
    ChallengeFactory.create_batch(number, open_now=True)
    with django_assert_num_queries(3):
        assert visitor.get(LIST).json()["count"] == number


# --- Writing ---------------------------------------------------------------------------------------


def test_a_draft_is_written_changed_and_handed_in(api_of, buyer, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    api = api_of(buyer)
    made = api.post(LIST, body(need=need.code), format="json")
    assert made.status_code == 201, made.content
    challenge = Challenge.objects.get(code=made.json()["code"])
    changed = api.patch(url(challenge), {"prize": "88.5", "mode": "open_challenge"}, format="json")
    assert (changed.status_code, changed.json()["prize"]) == (200, "88.50")
    assert [row["weight"] for row in changed.json()["criteria"]] == [60, 40]
    assert api.post(url(challenge, "submit")).json()["state"] == "submitted"


def test_every_complaint_is_by_field(api_of, buyer, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    rows = [{"name": "", "weight": 50}, {"name": "团队", "weight": 500}]
    answer = api_of(buyer).post(LIST, body(need=need.code, criteria=rows, closes_at="明天", min_bids=0), format="json")
    assert answer.status_code == 400
    assert fields_of(answer).keys() == {"criteria", "closes_at", "min_bids"}
    assert [row.keys() for row in fields_of(answer)["criteria"]] == [{"name"}, {"weight"}]


def test_a_need_one_cannot_see_is_no_need(api_of, buyer):
    answer = api_of(buyer).post(LIST, body(need=NeedFactory().code), format="json")
    assert (answer.status_code, list(fields_of(answer))) == (400, ["need"])


def test_another_organisations_need_gets_no_challenge(api_of, buyer):
    answer = api_of(buyer).post(LIST, body(need=NeedFactory(published=True).code), format="json")
    assert (answer.status_code, error_of(answer)) == (403, "permission_denied")


def test_rules_that_are_fixed_are_not_changed_and_the_attempt_stays_written(api_of, buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    answer = api_of(buyer).patch(url(challenge), {"criteria": CRITERIA}, format="json")
    assert (answer.status_code, error_of(answer)) == (409, "wrong_state")
    assert AuditEvent.objects.get().action == "challenge.change_refused"
    assert [row.weight for row in challenge.criteria.all()] == [50, 30, 20]


def test_what_lacks_is_said(api_of, buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise, rules="", weights=(50, 30))
    answer = api_of(buyer).post(url(challenge, "submit"))
    assert (answer.status_code, error_of(answer)) == (409, "not_ready")
    assert "80%" in answer.json()["error"]["message"]


STEPS = {
    "submit": ("buyer", {}),
    "return": ("operator", {"reason": "请写明验收方法"}),
    "announce": ("operator", {}),
    "extend": ("buyer", {"closes_at": "2100-01-01T17:00", "reason": "应多家单位要求"}),
    "cancel": ("buyer", {"reason": "技术路线调整"}),
    "close": ("buyer", {}),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_leads_where_the_table_says(step, request, api_of, buyer, enterprise):
    who, data = STEPS[step]
    challenge = in_state(min(CHALLENGE_ACTIONS[step].sources), organisation=enterprise)
    answer = api_of(request.getfixturevalue(who)).post(url(challenge, step), data, format="json")
    target = "open" if step == "announce" else CHALLENGE_ACTIONS[step].target
    assert (answer.status_code, answer.json()["state"]) == (200, target)


def test_who_names_the_challenge_it_read_announces_no_newer_one(api_of, operator, buyer, enterprise):
    """Sent back and handed in anew it may say something else."""
    challenge = in_state("submitted", organisation=enterprise)
    api = api_of(operator)
    read = api.get(url(challenge)).json()["changed_at"]
    Challenge.objects.filter(pk=challenge.pk).update(changed_at=timezone.now() + timedelta(microseconds=1))
    stale = api.post(url(challenge, "announce"), {"changed_at": read}, format="json")
    assert (stale.status_code, error_of(stale)) == (409, "wrong_state")
    challenge.refresh_from_db()
    assert challenge.state == "submitted"
    read = api.get(url(challenge)).json()["changed_at"]
    assert api.post(url(challenge, "announce"), {"changed_at": read}, format="json").json()["state"] == "open"


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_refused_to_who_may_only_read(step, api_of, colleague, enterprise):
    _who, data = STEPS[step]
    challenge = in_state(min(CHALLENGE_ACTIONS[step].sources), organisation=enterprise)
    answer = api_of(colleague).post(url(challenge, step), data, format="json")
    assert (answer.status_code, error_of(answer)) == (403, "permission_denied")


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_refused_from_another_state(step, request, api_of, buyer, enterprise):
    who, data = STEPS[step]
    state = "closed"
    challenge = in_state(state, organisation=enterprise)
    answer = api_of(request.getfixturevalue(who)).post(url(challenge, step), data, format="json")
    assert (answer.status_code, error_of(answer)) == (409, "wrong_state")


def test_a_further_round_is_answered_with_the_new_draft(api_of, buyer, enterprise):
    failed = in_state("failed", organisation=enterprise)
    answer = api_of(buyer).post(url(failed, "second-round"))
    assert (answer.status_code, answer.json()["round"], answer.json()["previous"]) == (201, 2, failed.code)
    assert answer.json()["closes_at"] is None


def test_visitors_do_nothing(visitor, enterprise):
    challenge = in_state("open", organisation=enterprise)
    assert visitor.post(LIST, body(need=challenge.need.code), format="json").status_code == 401
    assert visitor.post(url(challenge, "cancel"), {"reason": "x"}, format="json").status_code == 401


# --- Objections ------------------------------------------------------------------------------------


def test_an_objection_is_raised_and_decided(api_of, supplier, university, operator, buyer, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    raised = api_of(supplier).post(url(challenge, "objections"), {"text": "条件只符合一家"}, format="json")
    assert (raised.status_code, raised.json()["organisation"]["code"]) == (201, university.code)
    data = {"objection": raised.json()["id"], "upheld": False, "answer": "条件依据行业通用要求"}
    assert api_of(buyer).post(url(challenge, "decide-objection"), data, format="json").status_code == 403
    decided = api_of(operator).post(url(challenge, "decide-objection"), data, format="json")
    assert (decided.status_code, decided.json()["state"]) == (200, "dismissed")
    assert Objection.objects.get().decided_by == operator


def test_an_operator_raises_no_objection_for_its_own_organisation(api_of, operator, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    answer = api_of(operator).post(url(challenge, "objections"), {"text": "条件只符合一家"}, format="json")
    assert answer.status_code == 403
    assert not Objection.objects.exists()


def test_the_poser_reads_an_objection_without_who_raised_it(api_of, buyer, operator, outsider, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    objection = ObjectionFactory(challenge=challenge)
    assert api_of(buyer).get(url(challenge, "objections")).json()[0]["organisation"] is None
    told = api_of(operator).get(url(challenge, "objections")).json()[0]
    assert told["organisation"]["code"] == objection.organisation.code
    assert api_of(outsider).get(url(challenge, "objections")).json() == []


def test_an_operator_of_a_bidder_reads_and_decides_no_objection_but_its_own(api_of, operator, enterprise):
    """There it is a bidder like any other, and who objects is a rival's business."""
    until = timezone.now() + timedelta(days=2)
    challenge = in_state("awarded", organisation=enterprise, result_notice_days=3, result_notice_until=until)
    objection = ObjectionFactory(challenge=challenge, stage="result")
    loser = BidFactory(challenge=challenge, declined=True, label=2).organisation
    MembershipFactory(organisation=loser, user=operator)
    api = api_of(operator)
    assert api.get(url(challenge, "objections")).json() == []
    data = {"objection": objection.pk, "upheld": False, "answer": "条件依据行业通用要求"}
    assert api.post(url(challenge, "decide-objection"), data, format="json").status_code == 404
    own = ObjectionFactory(challenge=challenge, stage="result", organisation=loser)
    (told,) = api.get(url(challenge, "objections")).json()
    assert (told["id"], told["organisation"]["code"]) == (own.pk, loser.code)
