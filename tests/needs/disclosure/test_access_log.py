"""Every look at what is not public is written down, for the poser to read."""

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.models import DisclosureView, Need
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.disclosure import NdaAcceptanceFactory, NeedAttachmentFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(enterprise) -> Need:
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        disclosure={"difficulty": "verified", "budget": "verified", "tried": "nda"},
        budget_max=100,
    )
    NeedIndicatorFactory(need=need, level="verified")
    return need


def rows(need: Need) -> list[tuple[str, list[str], str]]:
    return [(row.user.name, row.fields, row.channel) for row in need.disclosure_views.order_by("pk")]


def log_url(need: Need) -> str:
    return reverse("needs:disclosure", args=[need.code])


def test_a_page_writes_one_row_with_what_it_showed(client_of, supplier, need):
    client_of(supplier).get(need.get_absolute_url())
    assert rows(need) == [(supplier.name, ["difficulty", "budget", "indicators"], "page")]


def test_a_list_writes_only_what_a_list_shows(client_of, supplier, need):
    client_of(supplier).get(reverse("needs:list"))
    assert rows(need) == [(supplier.name, ["budget"], "page")]


def test_a_program_is_logged_as_one(client_of, supplier, need):
    client_of(supplier).get(reverse("api-need-detail", args=[need.code]))
    client_of(supplier).get(reverse("api-need-list"))
    assert [channel for _who, _fields, channel in rows(need)] == ["api", "api"]


@pytest.mark.parametrize("who", ["operator", "caretaker"])
def test_the_platforms_people_are_logged_like_everybody(who, request, client_of, need):
    person = need.caretaker if who == "caretaker" else request.getfixturevalue(who)
    client_of(person).get(need.get_absolute_url())
    assert [name for name, _fields, _channel in rows(need)] == [person.name]


@pytest.mark.parametrize("who", ["buyer", "colleague"])
def test_the_posers_own_people_are_not_logged(who, request, client_of, need):
    client = client_of(request.getfixturevalue(who))
    for url in (need.get_absolute_url(), reverse("needs:list"), reverse("api-need-detail", args=[need.code])):
        client.get(url)
    assert not DisclosureView.objects.exists()


def test_a_visitor_and_a_wholly_public_need_leave_nothing(client, client_of, supplier, need):
    client.get(need.get_absolute_url())
    client_of(supplier).get(NeedFactory(published=True, budget_max=1).get_absolute_url())
    assert not DisclosureView.objects.exists()


def test_a_download_names_the_file_and_a_public_one_is_not_logged(client_of, supplier, need):
    secret = NeedAttachmentFactory(need=need, level="verified")
    public = NeedAttachmentFactory(need=need, level="public", name="公开.pdf")
    for file in (secret, public):
        b"".join(client_of(supplier).get(file.get_absolute_url()).streaming_content)
    assert rows(need) == [(supplier.name, [f"attachment:{secret.code}"], "download")]


@pytest.mark.parametrize(
    ("who", "status"), [("buyer", 200), ("colleague", 200), ("operator", 200), ("supplier", 404), ("outsider", 404)]
)
def test_the_log_is_for_the_posers_side_and_operators(who, status, request, client_of, supplier, university, need):
    client_of(supplier).get(need.get_absolute_url())
    response = client_of(request.getfixturevalue(who)).get(log_url(need))
    assert response.status_code == status
    if status == 200:
        page = response.content.decode()
        for word in (supplier.name, university.name, "主要技术难点", "预算", "技术指标", "网页"):
            assert word in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_a_constant_number_of_queries(
    number, client_of, buyer, supplier, need, django_assert_max_num_queries
):
    for _look in range(number):
        client_of(supplier).get(need.get_absolute_url())
    client = client_of(buyer)
    with django_assert_max_num_queries(22):
        client.get(log_url(need))


def test_a_long_log_is_paged(client_of, buyer, supplier, need):
    DisclosureView.objects.bulk_create(
        DisclosureView(need=need, user=supplier, fields=["budget"], channel="page") for _row in range(21)
    )
    assert "第 1 页，共 2 页" in client_of(buyer).get(log_url(need)).content.decode()


def test_a_program_reads_the_log(client_of, buyer, outsider, supplier, university, need):
    client_of(supplier).get(need.get_absolute_url())
    url = f"/api/v1/needs/{need.code}/access-log/"
    (row,) = client_of(buyer).get(url).json()["results"]
    assert (row["user"], row["organisations"], row["channel"]) == (supplier.name, [university.name], "page")
    assert client_of(outsider).get(url).status_code == 404


# --- Indicators beside what is answered to them --------------------------------------------------------------------


def bidding_on(need: Need, university, supplier, *, level: str = "verified"):
    """A challenge on `need`, whose indicator is shown from `level` on, and a bid that was handed in on it."""
    need.indicators.update(level=level)
    challenge = ChallengeFactory(open_now=True, need=need)
    return BidFactory(submitted=True, challenge=challenge, organisation=university, created_by=supplier)


@pytest.mark.parametrize("page", ["bid-detail", "bid-edit", "bid-version", "api-bid-detail"])
def test_reading_indicators_on_the_pages_of_a_bid_is_logged_as_reading_the_need(
    page, client_of, supplier, university, need
):
    bid = bidding_on(need, university, supplier)
    address = {
        "bid-version": reverse("challenges:bid-version", args=[bid.code, 1]),
        "api-bid-detail": f"/api/v1/bids/{bid.code}/",
    }
    url = address.get(page) or reverse(f"challenges:{page}", args=[bid.code])
    assert need.indicators.get().name in client_of(supplier).get(url).content.decode()
    channel = "api" if page.startswith("api") else "page"
    (beside_the_bid,) = rows(need)
    assert "indicators" in beside_the_bid[1]
    # The poser reads this log while bids are sealed: an entry of its own kind would say that somebody bids.
    need.disclosure_views.all().delete()
    client_of(supplier).get(reverse("api-need-detail" if channel == "api" else "needs:detail", args=[need.code]))
    assert rows(need) == [beside_the_bid]


def test_reading_indicators_on_the_form_of_a_claim_is_logged(client_of, supplier, need):
    challenge = ChallengeFactory(opened=True, first_claim=True, state="open", need=need)
    page = client_of(supplier).get(reverse("challenges:claim", args=[challenge.code])).content.decode()
    assert need.indicators.get().name in page
    assert rows(need) == [(supplier.name, ["indicators"], "page")]


def test_a_bid_shows_and_logs_no_indicator_above_its_bidders_stage(client_of, supplier, university, need):
    bid = bidding_on(need, university, supplier, level="nda")
    client, name = client_of(supplier), need.indicators.get().name
    urls = [reverse("challenges:bid-detail", args=[bid.code]), reverse("challenges:bid-edit", args=[bid.code])]
    for url in [*urls, f"/api/v1/bids/{bid.code}/"]:
        assert name not in client.get(url).content.decode()
    assert rows(need) == []
    acceptance = NdaAcceptanceFactory(need=need, organisation=university, accepted_by=supplier)
    assert all(name in client.get(url).content.decode() for url in urls)
    acceptance.revoked_at, acceptance.revoked_by = timezone.now(), supplier
    acceptance.save()
    assert not any(name in client.get(url).content.decode() for url in urls)
    assert len(rows(need)) == 2


@pytest.mark.parametrize(("who", "number"), [("operator", 1), ("buyer", 0)])
def test_the_overview_names_indicators_and_is_logged_for_the_platforms_people(who, number, request, client_of, need):
    person = request.getfixturevalue(who)
    assert need.indicators.get().name in client_of(person).get(log_url(need)).content.decode()
    assert [fields for _who, fields, _channel in rows(need)] == [["indicators"]] * number


def test_the_log_says_for_whom_somebody_read_who_has_left_since(client_of, buyer, supplier, university, need):
    """Else who reads and leaves has read for nobody."""
    client_of(supplier).get(need.get_absolute_url())
    membership = supplier.memberships.get()
    membership.ended_at = timezone.now()
    membership.save()
    later = MembershipFactory(user=supplier, organisation__name="示例后来的研究所", started_at=timezone.now())
    page = client_of(buyer).get(log_url(need)).content.decode().split("查阅记录", 1)[1]
    assert university.name in page
    (row,) = client_of(buyer).get(f"/api/v1/needs/{need.code}/access-log/").json()["results"]
    assert row["organisations"] == [university.name]
    assert later.organisation.name not in row["organisations"]
