"""Before the deadline nobody but its author learns of a bid: not its words, not its bidder, not that there is one.

Two organisations bid on one open challenge, one handed in and changed again, one still a draft. Everybody else walks
every channel; pages with bids are compared, byte by byte, with the same pages without.
"""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.audit import AuditEvent
from accounts.models import Notification, Role
from challenges.bid import actions as verbs
from challenges.challenge import automatic
from challenges.models import Bid, BidAttachment
from tests.challenges.bidding import content, sheet
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.needs.need.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HANDED_IN = "密文甲"  # in the version that was handed in
WORKING = "密文乙"  # in the working version after it
DRAFT = "密文丙"  # in the other organisation's draft
SECRETS = (HANDED_IN, WORKING, DRAFT)
BIDDERS = ("示例密封大学", "示例密封研究院")
STRANGERS = ["visitor", "buyer", "viewer", "operator", "rival", "outsider", "official", "newcomer"]


@pytest.fixture
def challenge(enterprise, buyer):
    found = ChallengeFactory(open_now=True, need__organisation=enterprise, created_by=buyer)
    NeedIndicatorFactory(need=found.need)
    return found


@pytest.fixture
def people(buyer, colleague, operator, outsider, newcomer):
    """Everybody who must not learn of a bid, by role; `rival` is a bidder to be, `official` of the government."""
    rival = MembershipFactory(organisation=OrganisationFactory(university=True, name="示例旁观大学")).user
    official = MembershipFactory(organisation=OrganisationFactory(kind="government", name="示例科技局")).user
    return {
        "visitor": None,
        "buyer": buyer,
        "viewer": colleague,
        "operator": operator,
        "rival": rival,
        "outsider": outsider,
        "official": official,
        "newcomer": newcomer,
    }


@pytest.fixture
def authors():
    """The two bidders: a writer of each."""
    return [
        MembershipFactory(organisation=OrganisationFactory(university=True, name=name), role=Role.OWNER)
        for name in BIDDERS
    ]


def place_bids(challenge, authors):
    """One bid handed in and changed since, with files; one draft. By the verbs, so that all traces are left."""
    first, second = authors
    now = timezone.now()
    bid = verbs.start_bid(challenge=challenge, organisation=first.organisation, by=first.user, at=now)
    write(bid, first, HANDED_IN)
    verbs.submit_bid(bid=bid, by=first.user, at=now)
    write(bid, first, WORKING)
    draft = verbs.start_bid(challenge=challenge, organisation=second.organisation, by=second.user, at=now)
    write(draft, second, DRAFT)
    return bid, draft


def write(bid, author, secret):
    values = content(
        bid.challenge,
        bid.organisation,
        approach=f"{secret}：做法",
        team=f"{secret}：团队",
        experts=[f"{secret}专家"],
        ip_proposal=f"{secret}：权利",
        plan=[{"title": f"{secret}：里程碑", "month": 3, "deliverable": f"{secret}：交付物"}],
    )
    for row in values["indicator_answers"]:
        row["how"] = f"{secret}：证明"
    verbs.save_bid(bid=bid, values=values, by=author.user, at=timezone.now())
    upload = SimpleUploadedFile(f"{secret}.pdf", b"%PDF-1.7 " + secret.encode())
    verbs.attach_to_bid(bid=bid, upload=upload, by=author.user, at=timezone.now())


def client_of(person):
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def api_of(person):
    client = APIClient()
    if person is not None:
        token, _is_new = Token.objects.get_or_create(user=person)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return client


def pages_about(challenge):
    """Every page and answer on which a bid could show to somebody else."""
    code, need = challenge.code, challenge.need.code
    return [
        reverse("challenges:list"),
        reverse("challenges:mine"),
        reverse("challenges:review-queue"),
        reverse("challenges:detail", args=[code]),
        reverse("challenges:edit", args=[code]),
        reverse("challenges:of-need", args=[need]),
        reverse("challenges:evaluation", args=[code]),
        reverse("challenges:review", args=[code]),
        reverse("challenges:scorecard", args=[code, 1]),
        reverse("challenges:minutes-print", args=[code]),
        reverse("challenges:review-mine"),
        reverse("challenges:avoidances"),
        reverse("challenges:bid-create", args=[code]),
        reverse("challenges:claim", args=[code]),
        reverse("challenges:claim-list", args=[code]),
        reverse("challenges:bid-mine"),
        reverse("needs:list"),
        reverse("needs:mine"),
        reverse("needs:review-queue"),
        reverse("needs:detail", args=[need]),
        reverse("needs:disclosure", args=[need]),
        reverse("contracts:mine"),
        reverse("accounts:notices"),
        reverse("dashboards:home"),
        reverse("dashboards:desk"),
        reverse("dashboards:clock"),
        reverse("matching:for-need", args=[need]),
        reverse("matching:run-list"),
        reverse("care:follow-up-list"),
        reverse("matching:search") + "?q=揭榜",
    ]


def api_about(challenge):
    return [
        "/api/v1/bids/",
        f"/api/v1/bids/?challenge={challenge.code}",
        "/api/v1/bids/?state=submitted",
        "/api/v1/challenges/",
        f"/api/v1/challenges/{challenge.code}/",
        f"/api/v1/needs/{challenge.need.code}/",
    ]


CHANGING = [
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(r'"X-CSRFToken": "[^"]*"'),
    re.compile(r'name="(?:read_at|submission_key)" value="[^"]*"'),
    re.compile(r"\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?"),
]


def read(challenge, person):
    """Address → status and text of everything, without what differs between two readings of one page anyway."""
    client, api = client_of(person), api_of(person)
    found = {}
    for url in pages_about(challenge):
        response = client.get(url)
        found[url] = (response.status_code, response.headers.get("Location", ""), text(response))
    for url in api_about(challenge):
        response = api.get(url)
        found[url] = (response.status_code, "", text(response))
    return {url: (status, to, normalised(page)) for url, (status, to, page) in found.items()}


def normalised(page):
    for pattern in CHANGING:
        page = pattern.sub("", page)
    return page


@pytest.mark.parametrize("who", STRANGERS)
def test_every_page_is_the_same_with_two_bids_as_with_none(who, challenge, people, authors):
    person = people[who]
    without = read(challenge, person)
    bid, draft = place_bids(challenge, authors)
    with_bids = read(challenge, person)
    assert with_bids == without
    for page in with_bids.values():
        for word in (*SECRETS, *BIDDERS, bid.code, draft.code):
            assert word not in page[2]


@pytest.mark.parametrize("who", STRANGERS)
def test_the_address_of_a_sealed_bid_is_an_address_of_nothing(who, challenge, people, authors):
    bid, draft = place_bids(challenge, authors)
    client, api = client_of(people[who]), api_of(people[who])
    unknown = "B-ZZZZZZZZ"
    for code in (bid.code, draft.code):
        for name in ("detail", "edit", "answer", "appeal"):
            expected = client.get(reverse(f"challenges:bid-{name}", args=[unknown]))
            answer = client.get(reverse(f"challenges:bid-{name}", args=[code]))
            assert answer.status_code == expected.status_code
            assert same(text(answer), code) == same(text(expected), unknown)
        assert client.get(reverse("challenges:bid-version", args=[code, 1])).status_code in {404, 302}
        for name in ("autosave", "submit", "withdraw", "drop", "attach"):
            expected = client.post(reverse(f"challenges:bid-{name}", args=[unknown]))
            answer = client.post(reverse(f"challenges:bid-{name}", args=[code]))
            assert (answer.status_code, same(text(answer), code)) == (
                expected.status_code,
                same(text(expected), unknown),
            )
        for name in ("claim-accept", "claim-refuse"):
            assert client.post(reverse(f"challenges:{name}", args=[code])).status_code in {404, 302}
        for path in ("", "submit/", "withdraw/", "accept/", "refuse/"):
            call = api.post if path else api.get
            expected, answer = call(f"/api/v1/bids/{unknown}/{path}"), call(f"/api/v1/bids/{code}/{path}")
            assert (answer.status_code, text(answer)) == (expected.status_code, text(expected))


def same(page, code):
    """Without the code that was asked for, which a page may repeat (a link to log in and come back)."""
    return normalised(page).replace(code, "")


@pytest.mark.parametrize("who", STRANGERS)
def test_no_file_of_a_sealed_bid_is_handed_out(who, challenge, people, authors):
    place_bids(challenge, authors)
    client = client_of(people[who])
    assert BidAttachment.objects.count() == 3
    for attachment in BidAttachment.objects.all():
        response = client.get(attachment.get_absolute_url())
        assert response.status_code in {302, 403, 404}
        assert not response.headers.get("Location", "").endswith(".pdf")
        for secret in SECRETS:
            assert secret not in text(response)


def test_notices_reach_the_author_alone(challenge, people, authors):
    place_bids(challenge, authors)
    recipients = set(Notification.objects.values_list("recipient", flat=True))
    assert recipients == {authors[0].user.pk}
    told = " ".join(f"{notice.text} {notice.params}" for notice in Notification.objects.all())
    for word in (*SECRETS, *BIDDERS):
        assert word not in told


def test_the_audit_trail_holds_nothing_of_a_bid_but_its_code(challenge, authors):
    place_bids(challenge, authors)
    trail = [f"{e.action} {e.object_code} {e.object_label} {e.reason}" for e in AuditEvent.objects.all()]
    assert trail
    for word in (*SECRETS, *BIDDERS):
        assert word not in " ".join(trail)
    assert not AuditEvent.objects.filter(object_code__in=[challenge.code, challenge.need.code]).exists()


def test_another_bidders_own_errors_and_pages_name_nobody_else(challenge, people, authors):
    bid, draft = place_bids(challenge, authors)
    rival = people["rival"]
    client, organisation = client_of(rival), rival.memberships.get().organisation
    pages = [text(client.post(reverse("challenges:bid-create", args=[challenge.code]), follow=True))]
    own = Bid.objects.get(organisation=organisation)
    edit = reverse("challenges:bid-edit", args=[own.code])
    pages.append(text(client.post(edit, sheet(challenge, organisation, intent="submit", team=""))))
    pages.append(text(client.post(edit, sheet(challenge, organisation, intent="submit"), follow=True)))
    pages.append(text(client.get(reverse("challenges:bid-mine"))))
    pages.append(text(client.get(own.get_absolute_url())))
    pages.append(text(api_of(rival).get("/api/v1/bids/")))
    for word in (*SECRETS, *BIDDERS, bid.code, draft.code):
        assert word not in " ".join(pages)
    assert api_of(rival).get("/api/v1/bids/").json()["count"] == 1


def test_the_author_finds_everything(challenge, authors):
    bid, _draft = place_bids(challenge, authors)
    client = client_of(authors[0].user)
    assert HANDED_IN in text(client.get(bid.get_absolute_url()))
    assert WORKING in text(client.get(reverse("challenges:bid-edit", args=[bid.code])))
    assert WORKING in text(api_of(authors[0].user).get(f"/api/v1/bids/{bid.code}/"))
    assert DRAFT not in text(client.get(reverse("challenges:bid-mine")))
    assert {name: downloads(client, name) for name in SECRETS} == {HANDED_IN: True, WORKING: True, DRAFT: False}


def downloads(client, secret):
    """Whether the file that holds `secret` is handed out."""
    response = client.get(BidAttachment.objects.get(name=f"{secret}.pdf").get_absolute_url())
    if response.status_code != 200:
        return False
    assert secret.encode() in b"".join(response.streaming_content)
    return True


def opened(challenge):
    automatic.close_due(at=challenge.closes_at + timedelta(seconds=1))
    challenge.refresh_from_db()
    return challenge.state


@pytest.mark.parametrize("who", ["buyer", "viewer", "operator"])
def test_after_opening_the_poser_and_operators_read_what_was_handed_in_and_no_more(who, challenge, people, authors):
    bid, draft = place_bids(challenge, authors)
    assert opened(challenge) == "evaluating"
    client, api = client_of(people[who]), api_of(people[who])
    page = text(client.get(bid.get_absolute_url()))
    body = text(api.get(f"/api/v1/bids/{bid.code}/"))
    for answer in (page, body):
        assert HANDED_IN in answer
        assert BIDDERS[0] in answer
        assert WORKING not in answer
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert [row["code"] for row in api.get("/api/v1/bids/").json()["results"]] == [bid.code]
    assert {name: downloads(client, name) for name in SECRETS} == {HANDED_IN: True, WORKING: False, DRAFT: False}


@pytest.mark.parametrize("who", ["visitor", "rival", "outsider", "official", "newcomer"])
def test_after_opening_the_others_still_find_nothing(who, challenge, people, authors):
    bid, draft = place_bids(challenge, authors)
    assert opened(challenge) == "evaluating"
    for page in read(challenge, people[who]).values():
        for word in (*SECRETS, *BIDDERS, bid.code, draft.code):
            assert word not in page[2]
    assert client_of(people[who]).get(bid.get_absolute_url()).status_code in {302, 404}
    assert api_of(people[who]).get(f"/api/v1/bids/{bid.code}/").status_code == 404


@pytest.mark.parametrize("who", STRANGERS)
def test_after_too_few_bids_they_stay_sealed_for_good(who, challenge, people, authors):
    challenge.min_bids = 3
    challenge.save()
    bid, draft = place_bids(challenge, authors)
    assert opened(challenge) == "failed"
    for page in read(challenge, people[who]).values():
        for word in (*SECRETS, *BIDDERS, bid.code, draft.code):
            assert word not in page[2]
    assert client_of(people[who]).get(bid.get_absolute_url()).status_code in {302, 404}
    assert api_of(people[who]).get(f"/api/v1/bids/{bid.code}/").status_code == 404
    assert not any(downloads(client_of(people[who]), name) for name in SECRETS)


def test_an_operator_of_a_bidding_organisation_is_a_bidder_there(enterprise, university, operator, client_of):
    """What an operator learns of bids must not help an organisation of its own against its rivals."""
    MembershipFactory(organisation=university, user=operator)
    challenge = ChallengeFactory(need__organisation=enterprise, evaluating=True)
    own = BidFactory(challenge=challenge, organisation=university, submitted=True, label=1)
    rival = BidFactory(challenge=challenge, submitted=True, label=2)
    client = client_of(operator)
    assert client.get(own.get_absolute_url()).status_code == 200
    assert client.get(rival.get_absolute_url()).status_code == 404
    assert client.get(reverse("challenges:evaluation", args=[challenge.code])).status_code == 404
    assert client.get(f"/api/v1/evaluations/{challenge.code}/").status_code == 404
