"""Blind per field: a secret word in every hidden field, and every channel a reviewer has."""

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.audit import AuditEvent
from accounts.models import Notification
from challenges.bid.asked import Asked, indicators_of
from challenges.models import BidAttachment, BlindField, Minutes
from challenges.review.queries import blind_bids
from needs.models import DisclosureView, NdaAcceptance
from tests.challenges.evaluating import evaluation
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.bids import BidFactory
from tests.factories.disclosure import BidAttachmentFactory
from tests.factories.evaluation import ReviewerFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.factories.solutions import OutputFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

SECRETS = {
    BlindField.ORGANISATION: "示例密语单位",
    BlindField.TEAM: "密语团队",
    BlindField.EXPERTS: "密语专家",
    BlindField.SOLUTIONS: "密语成果",
    BlindField.PRICE: "77777",
    BlindField.IP_PROPOSAL: "密语产权",
    BlindField.ATTACHMENTS: "密语附件",
}
OPEN_WORDS = ("公开路线", "公开里程碑", "公开承诺")


@pytest.fixture
def made(enterprise):
    """One bid that says something secret in every field that may be hidden."""
    made = evaluation(enterprise, bids=0)
    organisation = OrganisationFactory(university=True, name=SECRETS["organisation"])
    author = MembershipFactory(organisation=organisation, user__name="示例密语作者").user
    bid = BidFactory(challenge=made.challenge, organisation=organisation, created_by=author, submitted=True, label=1)
    indicator = made.challenge.need.indicators.get()
    version = bid.versions.get()
    version.approach = "公开路线"
    version.plan = [{"title": "公开里程碑", "month": 3, "deliverable": "样件"}]
    version.indicator_answers = [{"indicator": indicator.pk, "meets": "yes", "value": "公开承诺", "how": "检测"}]
    version.team, version.experts = SECRETS["team"], [SECRETS["experts"]]
    version.price, version.ip_proposal = Decimal(77777), SECRETS["ip_proposal"]
    version.save()
    version.solutions.add(OutputFactory(published=True, organisation=organisation, title=SECRETS["solutions"]))
    file = BidAttachment(bid=bid, name=f"{SECRETS['attachments']}.pdf", content_type="application/pdf", size=4)
    file.uploaded_by, file.sha256 = author, "0" * 64
    file.file.save("x", ContentFile(b"%PDF"))
    file.save()
    version.attachments.add(file)
    made.bids.append(bid)
    return made


def channels(made, reviewer, client_of, api_of):
    """Everything a reviewer can open, as one text per channel."""
    client, api = client_of(reviewer.user), api_of(reviewer.user)
    code = made.challenge.code
    found = {
        name: text(client.get(url))
        for name, url in {
            "mine": reverse("challenges:review-mine"),
            "review": reverse("challenges:review", args=[code]),
            "scorecard": reverse("challenges:scorecard", args=[code, 1]),
            "minutes": reverse("challenges:minutes-print", args=[code]),
            "challenge": reverse("challenges:detail", args=[code]),
            "need": made.challenge.need.get_absolute_url(),
            "notices": reverse("accounts:notices"),
            "desk": reverse("dashboards:desk"),
        }.items()
    }
    found["saved"] = text(
        client.post(reverse("challenges:scorecard", args=[code, 1]), {"points-0": "x"}, headers={"HX-Request": "true"})
    )
    found["refused"] = text(client.post(reverse("challenges:scorecard", args=[code, 1]), {"intent": "submit"}))
    found["api list"] = api.get("/api/v1/reviews/").content.decode()
    found["api"] = api.get(f"/api/v1/reviews/{code}/").content.decode()
    found["api challenge"] = api.get(f"/api/v1/challenges/{code}/").content.decode()
    found["api bids"] = api.get("/api/v1/bids/").content.decode()
    found["api evaluation"] = api.get(f"/api/v1/evaluations/{code}/").content.decode()
    mine = Notification.objects.filter(recipient=reviewer.user)
    found["rows of notices"] = str([(notice.text, notice.params, notice.url) for notice in mine])
    found["audit"] = str(
        list(AuditEvent.objects.filter(object_code=code).values_list("object_label", "reason", "action"))
    )
    return found


def api_of(user):
    client = APIClient()
    token, _is_new = Token.objects.get_or_create(user=user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return client


def said(word, found):
    return sorted(name for name, content in found.items() if word in content)


def test_by_default_no_channel_says_anything_hidden(made, client_of, buyer):
    reviewer = made.reviewer
    client_of(buyer).post(
        reverse("challenges:reviewer-assign", args=[made.challenge.code]), {"email": UserFactory().email}
    )
    found = channels(made, reviewer, client_of, api_of)
    for word in (*SECRETS.values(), "示例密语作者", made.bid.code, made.bid.attachments.get().code):
        assert said(word, found) == [], word
    for word in OPEN_WORDS:
        assert {"api", "scorecard"} <= set(said(word, found))


@pytest.mark.parametrize("shown", list(BlindField))
def test_what_the_rules_show_is_shown_and_nothing_else(shown, made, client_of):
    made.challenge.shown_to_reviewers = [shown]
    made.challenge.save()
    found = channels(made, made.reviewer, client_of, api_of)
    for name, word in SECRETS.items():
        where = said(word, found)
        if name == shown:
            assert where == ["api", "refused", "scorecard"]
        else:
            assert where == [], word
    assert said(made.bid.code, found) == []


def test_minutes_and_their_print_name_no_bidder(made, client_of, buyer):
    for reviewer in made.reviewers:
        client = client_of(reviewer.user)
        data = {"points-0": "80", "points-1": "70", "points-2": "60", "comment": "可行。", "intent": "submit"}
        client.post(reverse("challenges:scorecard", args=[made.challenge.code, 1]), data)
    client_of(buyer).post(reverse("challenges:minutes-draw-up", args=[made.challenge.code]))
    assert Minutes.objects.exists()
    found = channels(made, made.reviewer, client_of, api_of)
    assert "评审纪要" in found["minutes"]
    for word in (*SECRETS.values(), made.bid.code):
        assert said(word, found) == [], word


@pytest.mark.parametrize("state", [{}, {"recused": True}, {"removed": True}], ids=["assigned", "recused", "removed"])
def test_who_has_not_declared_or_no_longer_serves_reads_nothing_of_a_bid(state, made, client_of):
    made.challenge.shown_to_reviewers = list(BlindField.values)
    made.challenge.save()
    reviewer = ReviewerFactory(challenge=made.challenge, **state)
    found = channels(made, reviewer, client_of, api_of)
    for word in (*SECRETS.values(), *OPEN_WORDS, made.bid.code):
        assert said(word, found) == [], word
    assert blind_bids(reviewer) == []


def test_a_file_opens_for_reviewers_only_where_the_rules_show_files(made, client_of):
    file = made.bid.attachments.get()
    url = reverse("needs:attachment-download", args=[file.code])
    client = client_of(made.reviewer.user)
    assert client.get(url).status_code in {403, 404}
    made.challenge.shown_to_reviewers = [BlindField.ATTACHMENTS]
    made.challenge.save()
    response = client.get(url)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"%PDF"
    response.close()


def test_the_bids_own_page_stays_closed_to_reviewers(made, client_of):
    client = client_of(made.reviewer.user)
    assert client.get(reverse("challenges:bid-detail", args=[made.bid.code])).status_code == 404
    assert client.get(reverse("challenges:evaluation", args=[made.challenge.code])).status_code == 404


def test_indicators_beyond_the_reviewers_clearance_and_what_is_said_of_them_stay_hidden(made, client_of, university):
    hidden = NeedIndicatorFactory(need=made.challenge.need, name="密语指标", position=1, level="nda")
    version = made.bid.versions.get()
    version.indicator_answers.append({"indicator": hidden.pk, "meets": "yes", "value": "密语数值", "how": "密语办法"})
    version.indicators_asked = Asked(indicators_of(made.challenge.need), reached=0).kept()
    version.save()
    found = channels(made, made.reviewer, client_of, api_of)
    for word in ("密语指标", "密语数值", "密语办法"):
        assert said(word, found) == [], word
    assert "另有需求方没有向您公开的指标" in found["scorecard"]
    # whose organisation has signed the agreement reads them
    MembershipFactory(user=made.reviewer.user, organisation=university)
    NdaAcceptance.objects.create(
        need=made.challenge.need,
        organisation=university,
        accepted_by=made.reviewer.user,
        text_version="1",
        text_hash="0" * 64,
        accepted_at=timezone.now(),
    )
    found = channels(made, made.reviewer, client_of, api_of)
    assert "密语数值" in found["scorecard"]
    seen = DisclosureView.objects.filter(user=made.reviewer.user, fields=["indicators"])
    assert {"page", "api"} <= set(seen.values_list("channel", flat=True))


@pytest.mark.parametrize("edit", ["changed", "gone"])
def test_reviewers_read_what_was_asked_when_the_bid_was_handed_in(edit, made):
    indicators = made.challenge.need.indicators
    indicators.update(condition="600 ℃", value=2000) if edit == "changed" else indicators.all().delete()
    (answer,) = blind_bids(made.reviewer)[0].answers
    assert (answer.name, answer.requirement, answer.condition) == ("抗拉强度", "≥ 1000 MPa", "")
    assert (answer.meets, answer.value) == ("yes", "公开承诺")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_files_close_to_reviewers_with_the_challenge(state, enterprise, client_of):
    made = evaluation(enterprise, shown_to_reviewers=["attachments"])
    file = BidAttachmentFactory(bid=made.bid)
    made.bid.versions.get().attachments.add(file)
    client = client_of(made.reviewer.user)
    assert b"".join(client.get(file.get_absolute_url()).streaming_content)
    challenge = made.challenge
    challenge.state, challenge.ended_at, challenge.end_reason = state, timezone.now(), "技术路线调整"
    challenge.save()
    assert client.get(file.get_absolute_url()).status_code == 404


def test_a_bidder_never_learns_its_number(enterprise, client_of, buyer):
    """方案 7 says that at least seven bid; and who knows its number can say to a reviewer which one is whose."""
    made = evaluation(enterprise, bids=3)
    bid = made.bids[2]
    bidder = MembershipFactory(organisation=bid.organisation).user
    assert "方案 3" not in text(client_of(bidder).get(bid.get_absolute_url()))
    assert "label" not in api_of(bidder).get(f"/api/v1/bids/{bid.code}/").json()
    assert "方案 3" in text(client_of(buyer).get(bid.get_absolute_url()))
