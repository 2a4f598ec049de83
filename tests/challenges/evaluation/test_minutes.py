"""Minutes: drawn up when all is scored, signed as read, void when anything changes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.permissions import Denied
from challenges.evaluation import minutes as verbs
from challenges.evaluation.ranking import Ranking, digest
from challenges.models import (
    Avoidance,
    Minutes,
    Score,
    Signature,
)
from challenges.review import actions as reviewing
from lib.refusals import NotReady, WrongState
from tests.challenges.evaluating import evaluation
from tests.factories.evaluation import ReviewerFactory, ScorecardFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db


def draw_up(made, by, remarks=""):
    return verbs.draw_up_minutes(challenge=made.challenge, remarks=remarks, by=by, at=timezone.now())


def sign(made, reviewer, text_hash=None):
    given = made.minutes.text_hash if text_hash is None else text_hash
    return verbs.sign_minutes(reviewer=reviewer, text_hash=given, by=reviewer.user, at=timezone.now())


def stands(made):
    return verbs.check_stands(challenge=made.challenge, at=timezone.now())


def test_the_minutes_hold_the_ranking_in_words_and_numbers_and_no_bidder(enterprise, buyer):
    made = evaluation(enterprise, scored=True)
    minutes = draw_up(made, buyer, remarks="专家组讨论了两次。")
    ranking = Ranking.from_json(minutes.ranking)
    assert [(row.label, row.rank, str(row.total)) for row in ranking.bids] == [(1, 1, "90.00"), (2, 2, "80.00")]
    assert "第 1 名　方案 1　综合得分 90.00" in minutes.text
    assert "专家组讨论了两次。" in minutes.text
    assert made.reviewer.user.name in minutes.text
    for bid in made.bids:
        assert bid.organisation.name not in minutes.text
        assert bid.code not in minutes.text
    assert minutes.text_hash == digest(text=minutes.text, ranking=minutes.ranking)
    told = set(Notification.objects.values_list("recipient", flat=True))
    assert told == {reviewer.user.pk for reviewer in made.reviewers}


def test_reviewers_far_apart_are_named_in_the_minutes(enterprise, buyer):
    made = evaluation(enterprise, bids=1)
    for reviewer, points in zip(made.reviewers, (90, 60), strict=True):
        ScorecardFactory(reviewer=reviewer, bid=made.bid, submitted=True, points=points)
    assert "分差达到 30 分的有：方案 1" in draw_up(made, buyer).text


@pytest.mark.parametrize("lacking", ["reviewer", "declaration", "card", "bid"])
def test_nothing_is_drawn_up_before_everything_is_scored(lacking, enterprise, buyer):
    made = evaluation(
        enterprise, bids=0 if lacking == "bid" else 2, reviewers=0 if lacking == "reviewer" else 2, scored=True
    )
    if lacking == "declaration":
        ReviewerFactory(challenge=made.challenge)
    if lacking == "card":
        made.reviewer.scorecards.filter(bid=made.bid).update(state="draft", submitted_at=None)
    with pytest.raises(NotReady):
        draw_up(made, buyer)
    assert not Minutes.objects.exists()


def test_a_reviewer_with_a_conflict_by_now_must_go_first(enterprise, buyer):
    made = evaluation(enterprise, scored=True)
    Avoidance.objects.create(user=made.reviewer.user, organisation=made.bid.organisation)
    with pytest.raises(NotReady, match=f"{made.reviewer.user.name}.*已声明回避.*请先撤换"):
        draw_up(made, buyer)
    reviewing.remove_reviewer(reviewer=made.reviewer, reason="利益冲突", by=buyer, at=timezone.now())
    assert Ranking.from_json(draw_up(made, buyer).ranking).reviewers == 1


def test_who_serves_signs_what_was_read_and_the_poser_hears_of_the_last_signature(enterprise, buyer):
    made = evaluation(enterprise, minutes=True)
    signature = sign(made, made.reviewers[0])
    assert sign(made, made.reviewers[0]) == signature  # twice is once
    assert not Notification.objects.filter(recipient=buyer).exists()
    with pytest.raises(NotReady, match="还没有由全体评审人签署"):
        stands(made)
    sign(made, made.reviewers[1])
    assert Notification.objects.get(recipient=buyer).text.endswith("可以定榜。")
    assert stands(made).to_json() == made.minutes.ranking


def test_another_text_than_the_one_read_is_not_signed(enterprise, buyer):
    made = evaluation(enterprise, minutes=True)
    old = made.minutes.text_hash
    made.minutes = draw_up(made, buyer, remarks="补充说明")
    for given in (old, "", "0" * 64):
        with pytest.raises(WrongState, match="请核对新的纪要"):
            sign(made, made.reviewer, given)
    assert not Signature.objects.exists()


def test_nobody_signs_for_another(enterprise, buyer):
    made = evaluation(enterprise, minutes=True)
    with pytest.raises(Denied):
        verbs.sign_minutes(
            reviewer=made.reviewer, text_hash=made.minutes.text_hash, by=made.reviewers[1].user, at=timezone.now()
        )


def test_drawing_up_again_takes_the_signatures_back(enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    stands(made)
    draw_up(made, buyer, remarks="更正")
    assert not Signature.objects.exists()
    assert Minutes.objects.count() == 1


@pytest.mark.parametrize(
    "change", ["points", "text", "reviewer added", "reviewer removed", "bid not eligible", "ranking"]
)
def test_minutes_stand_only_as_long_as_the_scorecards_give_them(change, enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    stands(made)
    if change == "points":
        Score.objects.filter(scorecard__bid=made.bid).update(points=1)
    elif change == "text":
        Minutes.objects.update(text="第 1 名　方案 2")
    elif change == "ranking":
        ranking = made.minutes.ranking
        ranking["bids"][0]["total"] = "99.00"
        Minutes.objects.update(ranking=ranking, text_hash=digest(text=made.minutes.text, ranking=ranking))
    elif change == "reviewer added":
        newcomer = ReviewerFactory(challenge=made.challenge, active=True)
        for bid in made.bids:
            ScorecardFactory(reviewer=newcomer, bid=bid, submitted=True, points=85)
    elif change == "reviewer removed":
        reviewing.remove_reviewer(reviewer=made.reviewer, reason="退出", by=buyer, at=timezone.now())
    else:
        bid = made.bids[1]
        bid.state, bid.reason, bid.answer, bid.answered_at = (
            "declined",
            "not_eligible",
            "没有法人资格。",
            timezone.now(),
        )
        bid.save()
    with pytest.raises(NotReady, match="请重新形成评审纪要"):
        stands(made)


def test_without_minutes_nothing_stands(enterprise):
    with pytest.raises(NotReady, match="请先形成评审纪要"):
        stands(evaluation(enterprise, scored=True))


# --- Pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("buyer", 200), ("colleague", 200), ("operator", 200), ("reviewer", 200), ("supplier", 404), ("outsider", 404)],
)
def test_the_printable_minutes_are_for_who_runs_and_who_signs(who, status, enterprise, client_of, request):
    made = evaluation(enterprise, signed=True)
    person = made.reviewer.user if who == "reviewer" else request.getfixturevalue(who)
    response = client_of(person).get(reverse("challenges:minutes-print", args=[made.challenge.code]))
    assert response.status_code == status
    if status == 200:
        assert made.minutes.text_hash in text(response)
        assert "90.0 · 90.0" in text(response)


def test_without_minutes_there_is_nothing_to_print(enterprise, client_of, buyer):
    made = evaluation(enterprise, scored=True)
    assert client_of(buyer).get(reverse("challenges:minutes-print", args=[made.challenge.code])).status_code == 404


def test_the_minutes_are_drawn_up_and_signed_on_the_pages(enterprise, buyer, client_of):
    made = evaluation(enterprise, scored=True)
    owner = client_of(buyer)
    evaluation_url = reverse("challenges:evaluation", args=[made.challenge.code])
    page = text(
        owner.post(reverse("challenges:minutes-draw-up", args=[made.challenge.code]), {"remarks": ""}, follow=True)
    )
    assert "评审纪要签署中：0 / 2" in page
    for reviewer in made.reviewers:
        client = client_of(reviewer.user)
        assert "核对无误，签署" in text(client.get(reverse("challenges:review", args=[made.challenge.code])))
        given = {"text_hash": Minutes.objects.get().text_hash}
        client.post(reverse("challenges:minutes-sign", args=[made.challenge.code]), given)
    assert "下一步：需求方定榜" in text(owner.get(evaluation_url))


def test_drawing_up_too_early_says_why(enterprise, buyer, client_of):
    made = evaluation(enterprise)
    page = text(client_of(buyer).post(reverse("challenges:minutes-draw-up", args=[made.challenge.code]), follow=True))
    assert "还有评审人没有声明或没有提交全部评分表" in page
