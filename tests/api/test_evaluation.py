"""The evaluation by program: the same people, the same blindness, the same refusals as on the pages."""

import pytest

from challenges.models import (
    Avoidance,
    Bid,
    Challenge,
    Scorecard,
)
from tests.api.content import error_of, fields_of
from tests.challenges.evaluating import (
    ANSWER,
    DECLINED,
    awarded,
    evaluation,
)
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.evaluation import AppealFactory, ReviewerFactory

REVIEWS = "/api/v1/reviews/"
EVALUATIONS = "/api/v1/evaluations/"
APPEALS = "/api/v1/appeals/"
AVOIDANCES = "/api/v1/avoidances/"
SCORES = [
    {"criterion": "技术先进性与指标满足程度", "points": "90"},
    {"criterion": "实施方案与进度可行性", "points": "80.5"},
    {"criterion": "团队与条件", "points": "70"},
]


def post(client, url, **body):
    return client.post(url, body, format="json")


def status_of(response):
    return (response.status_code, error_of(response))


# --- Reviews ----------------------------------------------------------------------------------------------------


def test_a_review_from_declaration_to_signature(enterprise, api_of, buyer):
    made = evaluation(enterprise, reviewers=0)
    reviewer = ReviewerFactory(challenge=made.challenge)
    client, own = api_of(reviewer.user), f"{REVIEWS}{made.challenge.code}/"
    before = client.get(own).json()
    assert (before["state"], before["total"], before["bids"], before["minutes"]) == ("assigned", 0, [], None)
    after = post(client, f"{own}declare/").json()
    assert (after["state"], after["done"], after["total"]) == ("active", 0, 2)
    assert [bid["label"] for bid in after["bids"]] == [1, 2]
    for label in (1, 2):
        post(client, f"{own}score/", label=label, scores=SCORES[:1])
        done = post(client, f"{own}score/", label=label, scores=SCORES, comment="依据充分。", submit=True).json()
    assert (done["done"], done["scorecards"][0]["scores"][1]) == (
        2,
        {"criterion": "实施方案与进度可行性", "points": "80.5"},
    )
    drawn_up = post(api_of(buyer), f"{EVALUATIONS}{made.challenge.code}/minutes/").json()
    text_hash = client.get(own).json()["minutes"]["text_hash"]
    assert text_hash == drawn_up["minutes"]["text_hash"]
    assert status_of(post(client, f"{own}sign/", text_hash="0" * 64)) == (409, "wrong_state")
    assert post(client, f"{own}sign/", text_hash=text_hash).status_code == 200
    state = api_of(buyer).get(f"{EVALUATIONS}{made.challenge.code}/").json()
    assert state["reviewers"][0]["has_signed"] is True


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"label": 9, "scores": SCORES}, (404, "not_found")),
        ({"label": 1, "scores": [{"criterion": "没有这项", "points": "1"}]}, (400, "invalid")),
        ({"label": 1, "scores": [{"criterion": "团队与条件", "points": "70.3"}]}, (400, "invalid")),
        ({"label": 1, "scores": [{"criterion": "团队与条件", "points": "101"}]}, (400, "invalid")),
        ({"label": 1, "scores": SCORES[:1], "comment": "好", "submit": True}, (409, "not_ready")),
    ],
)
def test_what_cannot_be_scored_is_refused(body, expected, enterprise, api_of):
    made = evaluation(enterprise)
    assert status_of(post(api_of(made.reviewer.user), f"{REVIEWS}{made.challenge.code}/score/", **body)) == expected
    assert not Scorecard.objects.filter(state="submitted").exists()


def test_reviews_are_ones_own(enterprise, api_of, buyer, operator, supplier, visitor):
    made = evaluation(enterprise)
    own = f"{REVIEWS}{made.challenge.code}/"
    for person in (buyer, operator, supplier):
        client = api_of(person)
        assert client.get(REVIEWS).json()["results"] == []
        assert client.get(own).status_code == 404
        assert post(client, f"{own}score/", label=1, scores=SCORES).status_code == 404
    assert visitor.get(REVIEWS).json()["results"] == []
    assert post(visitor, f"{own}declare/").status_code == 401
    listed = api_of(made.reviewer.user).get(f"{REVIEWS}?state=active").json()["results"]
    assert [row["challenge"] for row in listed] == [made.challenge.code]


def test_recusing_by_program_ends_the_review(enterprise, api_of):
    made = evaluation(enterprise)
    client, own = api_of(made.reviewer.user), f"{REVIEWS}{made.challenge.code}/"
    after = post(client, f"{own}recuse/", reason="与其中一家有合作").json()
    assert (after["state"], after["bids"]) == ("recused", [])


# --- Evaluations ------------------------------------------------------------------------------------------------


def test_reviewers_are_asked_and_a_conflict_is_named_to_the_poser(enterprise, api_of, buyer, newcomer, supplier):
    made = evaluation(enterprise, reviewers=0)
    client, own = api_of(buyer), f"{EVALUATIONS}{made.challenge.code}/"
    assert post(client, f"{own}assign/", email=newcomer.email).json()["reviewers"][0]["name"] == newcomer.name
    MembershipFactory(user=supplier, organisation=made.bid.organisation)
    refused = post(client, f"{own}assign/", email=supplier.email)
    assert status_of(refused) == (409, "not_ready")
    assert "任职" in refused.json()["error"]["message"]
    assert post(client, f"{own}assign/", email="nobody@example.com").status_code == 400
    assert post(client, f"{own}remove/", email="nobody@example.com", reason="出差").status_code == 400
    after = post(client, f"{own}remove/", email=newcomer.email, reason="长期出差").json()
    assert after["reviewers"][0]["state"] == "removed"


def test_a_ranking_shows_when_all_is_scored_and_not_before(enterprise, api_of, buyer):
    made = evaluation(enterprise, scored=True)
    own = f"{EVALUATIONS}{made.challenge.code}/"
    ranking = api_of(buyer).get(own).json()["ranking"]
    assert [(row["label"], row["total"]) for row in ranking["bids"]] == [(1, "90.00"), (2, "80.00")]
    made.reviewer.scorecards.filter(bid=made.bid).update(state="draft", submitted_at=None)
    assert api_of(buyer).get(own).json()["ranking"] is None


def test_award_and_answers_by_program(enterprise, api_of, buyer):
    made = evaluation(enterprise, signed=True)
    client, own = api_of(buyer), f"{EVALUATIONS}{made.challenge.code}/"
    assert status_of(post(client, f"{own}award/", label=2, answer=ANSWER)) == (409, "not_ready")
    assert post(client, f"{own}award/", label=9, answer=ANSWER).status_code == 400
    assert post(client, f"{own}award/", label=1, answer=ANSWER).json()["state"] == "awarded"
    assert status_of(post(client, f"{own}award/", label=2, answer=ANSWER)) == (409, "wrong_state")
    assert post(client, f"{own}answer/", label=2, reason="cancelled", answer=DECLINED).status_code == 400
    after = post(client, f"{own}answer/", label=2, reason="plan", answer=DECLINED).json()
    assert [(bid["label"], bid["state"], bid["reason"]) for bid in after["bids"]] == [
        (1, "awarded", ""),
        (2, "declined", "plan"),
    ]
    assert after["ranking"]["bids"][0]["label"] == 1  # as it was signed


def test_a_challenge_is_declared_failed_by_program(enterprise, api_of, buyer):
    made = evaluation(enterprise)
    after = post(api_of(buyer), f"{EVALUATIONS}{made.challenge.code}/declare-failed/", reason="都不达标。").json()
    assert after["state"] == "failed"


STEPS = {
    "assign": {"email": "someone@example.com"},
    "remove": {"email": "someone@example.com", "reason": "出差"},
    "minutes": {},
    "award": {"label": 1, "answer": ANSWER},
    "declare-failed": {"reason": "都不达标。"},
    "answer": {"label": 1, "reason": "not_eligible", "answer": DECLINED},
}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_others_run_no_evaluation(step, enterprise, api_of, colleague, outsider, supplier, visitor):
    made = evaluation(enterprise, signed=True)
    reviewer = made.reviewer.user
    reviewer.email = "someone@example.com"
    reviewer.save()
    url = f"{EVALUATIONS}{made.challenge.code}/{step}/"
    assert status_of(post(api_of(colleague), url, **STEPS[step])) == (403, "permission_denied")
    for person in (outsider, supplier, reviewer):
        assert status_of(post(api_of(person), url, **STEPS[step])) == (404, "not_found")
    assert post(visitor, url, **STEPS[step]).status_code == 401
    assert Challenge.objects.get().state == "evaluating"


@pytest.mark.parametrize("traits", [{"open_now": True}, {"failed": True}])
def test_there_is_no_evaluation_of_sealed_bids(traits, enterprise, api_of, buyer, operator):
    made = evaluation(enterprise, bids=0, reviewers=0, evaluating=False, **traits)
    for person in (buyer, operator):
        assert api_of(person).get(EVALUATIONS).json()["count"] == 0
        assert api_of(person).get(f"{EVALUATIONS}{made.challenge.code}/").status_code == 404


def test_operators_see_every_evaluation(enterprise, api_of, operator, outsider):
    made = evaluation(enterprise)
    listed = api_of(operator).get(f"{EVALUATIONS}?state=evaluating").json()["results"]
    assert [row["code"] for row in listed] == [made.challenge.code]
    assert api_of(outsider).get(EVALUATIONS).json()["count"] == 0


# --- Appeals ----------------------------------------------------------------------------------------------------


def test_an_appeal_by_program(enterprise, api_of, buyer, operator, outsider):
    made = awarded(enterprise)
    bid = made.bids[1]
    bidder = MembershipFactory(organisation=bid.organisation).user
    client = api_of(bidder)
    assert status_of(post(client, APPEALS, bid=bid.code, text="周期相同。")) == (409, "wrong_state")
    post(api_of(buyer), f"{EVALUATIONS}{made.challenge.code}/answer/", label=2, reason="plan", answer=DECLINED)
    assert post(client, APPEALS, bid="B-22222222", text="周期相同。").status_code == 400
    created = post(client, APPEALS, bid=bid.code, text="周期相同。")
    assert (created.status_code, created.json()["state"]) == (201, "open")
    assert api_of(outsider).get(APPEALS).json()["count"] == 0
    decision = {"upheld": True, "answer": "复核后确认周期与中榜方案相同。"}
    assert post(api_of(bidder), f"{APPEALS}{bid.code}/decide/", **decision).status_code == 403
    assert post(api_of(operator), f"{APPEALS}{bid.code}/decide/", **decision).json()["state"] == "upheld"
    assert Bid.objects.get(pk=bid.pk).state == "submitted"


@pytest.mark.parametrize("address", [REVIEWS, EVALUATIONS, APPEALS])
def test_lists_cost_the_same_for_one_and_three(
    address, enterprise, api_of, operator, newcomer, django_assert_max_num_queries
):
    client = api_of(newcomer if address == REVIEWS else operator)
    counts = []
    for number in (1, 2):
        for _more in range(number):
            made = evaluation(enterprise)
            ReviewerFactory(challenge=made.challenge, user=newcomer, active=True)
            AppealFactory()
        with django_assert_max_num_queries(20) as queries:
            assert client.get(address).json()["count"] >= number
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Avoidances -------------------------------------------------------------------------------------------------


def test_who_is_never_reviewed_is_declared_listed_and_taken_back(api_of, newcomer, university):
    api = api_of(newcomer)
    made = post(api, AVOIDANCES, organisation=university.code, reason="导师")
    assert (made.status_code, made.json()["organisation"]["code"]) == (201, university.code)
    assert post(api, AVOIDANCES, organisation=university.name).json()["reason"] == "导师"  # again changes nothing
    assert [row["reason"] for row in api.get(AVOIDANCES).json()["results"]] == ["导师"]
    mine = f"{AVOIDANCES}{university.code}/"
    assert api.delete(mine).status_code == 204
    assert api.get(AVOIDANCES).json()["results"] == []
    assert status_of(api.delete(mine)) == (404, "not_found")


def test_only_verified_organisations_are_avoided(api_of, newcomer):
    pending = OrganisationFactory(university=True, pending=True)
    for organisation in (pending.code, "", "没有这家"):
        assert "organisation" in fields_of(post(api_of(newcomer), AVOIDANCES, organisation=organisation))
    assert "organisation" in fields_of(post(api_of(newcomer), AVOIDANCES))
    assert not Avoidance.objects.exists()


def test_avoidances_are_ones_own(api_of, newcomer, operator, visitor, university):
    post(api_of(newcomer), AVOIDANCES, organisation=university.code)
    assert api_of(operator).get(AVOIDANCES).json()["results"] == []
    assert api_of(operator).delete(f"{AVOIDANCES}{university.code}/").status_code == 404
    assert visitor.get(AVOIDANCES).status_code == 401
    assert post(visitor, AVOIDANCES, organisation=university.code).status_code == 401
    assert Avoidance.objects.get().user == newcomer
