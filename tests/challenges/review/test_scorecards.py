"""Scorecards: kept on the way, submitted once and complete, by their reviewer alone; and their pages."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges.models import Reviewer, Scorecard
from challenges.review import scorecards as verbs
from lib.refusals import NotReady, WrongState
from tests.challenges.evaluating import evaluation
from tests.factories.bids import BidFactory
from tests.factories.evaluation import ReviewerFactory, ScorecardFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(enterprise):
    return evaluation(enterprise)


def criteria(made):
    return list(made.challenge.criteria.all())


def points(made, *values):
    return {row.pk: Decimal(value) for row, value in zip(criteria(made), values, strict=False)}


def save(made, given, *, comment="", bid=None, by=None, submit=False):
    verb = verbs.submit_scorecard if submit else verbs.save_scorecard
    return verb(
        reviewer=made.reviewer,
        bid=bid or made.bid,
        points=given,
        comment=comment,
        by=by or made.reviewer.user,
        at=timezone.now(),
    )


def scores(card):
    return list(card.scores.order_by("criterion__position").values_list("points", flat=True))


def test_what_is_there_is_kept_and_what_is_emptied_goes(made):
    save(made, points(made, "80", "70.5"))
    card = save(made, points(made, "60"), comment=" 计划偏紧 ")
    assert (card.state, card.comment, scores(card)) == ("draft", "计划偏紧", [Decimal("60.0")])
    assert Scorecard.objects.count() == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("value", ["-0.5", "100.5", "70.25", "NaN", "Infinity"])
def test_points_go_from_0_to_100_in_halves(value, made):
    with pytest.raises(ValidationError):
        save(made, points(made, value))


def test_points_for_a_criterion_of_another_challenge_are_refused(made, enterprise):
    other = evaluation(enterprise, bids=0, reviewers=0)
    with pytest.raises(ValidationError):
        save(made, points(other, "50"))


def test_a_complete_card_is_submitted_once(made):
    card = save(made, points(made, "0", "100", "33.5"), comment="依据充分。", submit=True)
    assert (card.state, scores(card)) == ("submitted", [Decimal(0), Decimal(100), Decimal("33.5")])
    assert AuditEvent.objects.get().action == "review.score"
    for submit in (False, True):
        with pytest.raises(WrongState):
            save(made, points(made, "1", "1", "1"), comment="再想想", submit=submit)
    assert scores(card) == [Decimal(0), Decimal(100), Decimal("33.5")]


@pytest.mark.parametrize(("given", "comment", "missing"), [(2, "好", "团队与条件"), (3, "  ", "请写明评语")])
def test_a_card_with_gaps_is_not_submitted(given, comment, missing, made):
    with pytest.raises(NotReady, match=missing):
        save(made, points(made, *["80"] * given), comment=comment, submit=True)


@pytest.mark.parametrize("who", ["buyer", "operator", "outsider"])
def test_nobody_scores_for_another(who, made, request):
    with pytest.raises(Denied):
        save(made, points(made, "80"), by=request.getfixturevalue(who))


@pytest.mark.parametrize("state", [{}, {"recused": True}, {"removed": True}], ids=["assigned", "recused", "removed"])
def test_only_who_declared_and_serves_scores(state, made):
    made.reviewers[0] = ReviewerFactory(challenge=made.challenge, **state)
    with pytest.raises(WrongState):
        save(made, points(made, "80"))


def test_a_bid_that_is_not_eligible_or_of_another_challenge_is_not_scored(made, enterprise):
    declined = BidFactory(challenge=made.challenge, declined=True, reason="not_eligible", label=3)
    for bid in (declined, evaluation(enterprise).bid):
        with pytest.raises(WrongState):
            save(made, points(made, "80"), bid=bid)


def test_the_poser_hears_when_the_last_card_is_in_and_not_before(made, buyer):
    for reviewer in made.reviewers:
        for bid in made.bids:
            if (reviewer, bid) != (made.reviewers[0], made.bids[0]):
                ScorecardFactory(reviewer=reviewer, bid=bid, submitted=True)
    save(made, points(made, "80", "80", "80"))
    assert not Notification.objects.exists()
    save(made, points(made, "80", "80", "80"), comment="完整。", submit=True)
    notice = Notification.objects.get()
    assert notice.recipient == buyer
    assert notice.url == reverse("challenges:evaluation", args=[made.challenge.code])


# --- Pages ------------------------------------------------------------------------------------------------------


def address(made, label=1):
    return reverse("challenges:scorecard", args=[made.challenge.code, label])


def filled(**fields):
    return {"points-0": "80", "points-1": "７０.５", "points-2": "90", "comment": "路线可行。", **fields}


def test_typing_is_saved_on_the_way_and_says_so(made, client_of):
    client = client_of(made.reviewer.user)
    page = text(client.post(address(made), filled(**{"points-2": "很好"}), headers={"HX-Request": "true"}))
    assert "已保存" in page
    assert "团队与条件" in page
    assert "<html" not in page
    assert scores(Scorecard.objects.get()) == [Decimal(80), Decimal("70.5")]


def test_what_was_saved_stands_in_the_form_again(made, client_of):
    client = client_of(made.reviewer.user)
    client.post(address(made), filled(intent="save"))
    page = text(client.get(address(made)))
    assert 'value="70.5"' in page
    assert 'value="80"' in page
    assert "路线可行。" in page


def test_submitting_goes_on_to_the_next_bid_without_a_card(made, client_of):
    client = client_of(made.reviewer.user)
    response = client.post(address(made), filled(intent="submit"))
    assert response["Location"] == address(made, 2)
    response = client.post(address(made, 2), filled(intent="submit"))
    assert response["Location"] == reverse("challenges:review", args=[made.challenge.code])
    page = text(client.get(address(made)))
    assert 'name="points-0"' not in page
    assert "70.5" in page


def test_submitting_with_gaps_keeps_what_was_typed_and_names_them(made, client_of):
    data = filled(intent="submit", **{"points-1": ""})
    response = client_of(made.reviewer.user).post(address(made), data)
    assert response.status_code == 422
    assert "请为每个评分项打分，还缺：实施方案与进度可行性" in text(response)
    card = Scorecard.objects.get()
    assert card.state == "draft"
    assert scores(card) == [Decimal(80), Decimal(90)]


def test_a_reviewer_sees_how_far_the_own_work_is(made, client_of):
    ScorecardFactory(reviewer=made.reviewer, bid=made.bids[0], submitted=True)
    ScorecardFactory(reviewer=made.reviewers[1], bid=made.bids[1], submitted=True)
    client = client_of(made.reviewer.user)
    assert "已评 1 / 2" in text(client.get(reverse("challenges:review-mine")))
    page = text(client.get(reverse("challenges:review", args=[made.challenge.code])))
    assert "已评 1 / 2" in page
    assert page.count("我还没评分") == 1
    assert "去评方案 2" in page


@pytest.mark.parametrize("who", ["buyer", "operator", "outsider", "supplier"])
def test_others_find_no_review(who, made, client_of, request):
    client = client_of(request.getfixturevalue(who))
    for url in (address(made), reverse("challenges:review", args=[made.challenge.code])):
        assert client.get(url).status_code == 404
        assert client.post(url, filled()).status_code in {404, 405}
    assert not Scorecard.objects.exists()


def test_before_declaring_there_is_the_challenge_and_nothing_of_a_bid(made, client_of):
    reviewer = ReviewerFactory(challenge=made.challenge)
    client = client_of(reviewer.user)
    page = text(client.get(reverse("challenges:review", args=[made.challenge.code])))
    assert "声明无利益冲突" in page
    assert made.bid.versions.get().approach[:20] not in page
    assert "方案 1" not in page
    assert "已评" not in text(client.get(reverse("challenges:review-mine")))
    assert client.get(address(made)).status_code == 404
    client.post(reverse("challenges:reviewer-declare", args=[made.challenge.code]))
    assert made.bid.versions.get().approach in text(client.get(address(made)))


def test_recusing_asks_for_a_reason_and_ends_the_review(made, client_of):
    client = client_of(made.reviewer.user)
    url = reverse("challenges:reviewer-recuse", args=[made.challenge.code])
    client.post(url, {"reason": " "})
    assert Reviewer.objects.get(pk=made.reviewer.pk).state == "active"
    client.post(url, {"reason": "与其中一家有合作"})
    assert Reviewer.objects.get(pk=made.reviewer.pk).state == "recused"
    assert client.get(address(made)).status_code == 404


def test_avoidances_are_declared_and_withdrawn_on_a_page(client_of, newcomer, university):
    client = client_of(newcomer)
    url = reverse("challenges:avoidances")
    assert "还没有声明" in text(client.get(url))
    assert client.post(url, {"organisation": "没有这家"}).status_code == 422
    page = text(client.post(url, {"organisation": university.name, "reason": "导师"}, follow=True))
    assert "导师" in page
    client.post(url, {"organisation": university.code}, follow=True)
    assert newcomer.avoidances.count() == 1
    client.post(reverse("challenges:avoidance-withdraw", args=[university.code]))
    assert newcomer.avoidances.count() == 0


@pytest.mark.parametrize("name", ["reviewer-declare", "reviewer-recuse", "minutes-sign"])
def test_steps_of_a_reviewer_are_posted(name, made, client_of):
    url = reverse(f"challenges:{name}", args=[made.challenge.code])
    assert client_of(made.reviewer.user).get(url).status_code == 405


def test_the_list_of_reviews_costs_the_same_for_one_and_three(
    enterprise, newcomer, client_of, django_assert_num_queries
):
    client = client_of(newcomer)
    for number in (1, 2):
        for _more in range(number):
            made = evaluation(enterprise)
            ScorecardFactory(
                reviewer=ReviewerFactory(challenge=made.challenge, user=newcomer, active=True), bid=made.bid
            )
        with django_assert_num_queries(6):
            client.get(reverse("challenges:review-mine"))


@pytest.mark.parametrize("name", ["review", "scorecard"])
def test_pages_of_a_review_cost_the_same_with_one_and_three_bids(
    name, enterprise, client_of, django_assert_max_num_queries
):
    counts = []
    for bids in (1, 3):
        made = evaluation(enterprise, bids=bids, scored=True, shown_to_reviewers=["solutions", "attachments", "team"])
        client = client_of(made.reviewer.user)
        url = address(made) if name == "scorecard" else reverse("challenges:review", args=[made.challenge.code])
        with django_assert_max_num_queries(40) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
