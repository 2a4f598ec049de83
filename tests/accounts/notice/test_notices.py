"""What one was told: the list, opening, marking as read."""

import pytest
from django.urls import reverse

from accounts.models import Notification
from accounts.notice.actions import notify

LIST = "/account/notices/"


@pytest.fixture
def tell(buyer, at):
    def telling(event: str = "one", url: str = "/organisations/", user=buyer) -> Notification:
        notify(
            recipients=[user],
            event=event,
            key="organisation.pending",
            params={"organisation": f"示例 <b>{event}</b>"},
            url=url,
            at=at,
        )
        return Notification.objects.get(event=event, recipient=user)

    return telling


def test_an_event_is_told_once(tell, buyer):
    tell("one")
    tell("one")

    assert Notification.objects.for_user(buyer).count() == 1


def test_the_list_shows_mine_newest_first_and_names_are_text(client_of, buyer, supplier, tell):
    tell("first"), tell("second"), tell("other", user=supplier)

    response = client_of(buyer).get(LIST)

    assert [n.event for n in response.context["page_obj"]] == ["second", "first"]
    assert "&lt;b&gt;second&lt;/b&gt;等待机构核验。" in response.content.decode()


def test_only_the_unread_when_asked(client_of, buyer, tell, at):
    read = tell("read")
    Notification.objects.filter(pk=read.pk).update(read_at=at)
    tell("unread")

    response = client_of(buyer).get(LIST, {"show": "unread"})

    assert [n.event for n in response.context["page_obj"]] == ["unread"]


@pytest.mark.parametrize("query", [{}, {"show": "unread"}])
def test_an_empty_list_says_what_will_come(client_of, buyer, query):
    assert "sh-empty" in client_of(buyer).get(LIST, query).content.decode()


def test_opening_marks_as_read_and_leads_on(client_of, buyer, tell):
    notice = tell()

    response = client_of(buyer).get(reverse("accounts:notice-open", args=[notice.pk]))

    assert response.url == "/organisations/"
    notice.refresh_from_db()
    assert notice.read_at


@pytest.mark.parametrize("url", ["", "https://evil.example/"])
def test_a_notice_that_leads_nowhere_of_ours_leads_back_to_the_list(client_of, buyer, tell, url):
    notice = tell(url=url)

    assert client_of(buyer).get(reverse("accounts:notice-open", args=[notice.pk])).url == LIST


def test_someone_elses_notice_does_not_exist(client_of, supplier, tell):
    assert client_of(supplier).get(reverse("accounts:notice-open", args=[tell().pk])).status_code == 404


def test_all_are_marked_as_read_and_only_mine(client_of, buyer, supplier, tell):
    tell("a"), tell("b"), tell("c", user=supplier)

    client_of(buyer).post(reverse("accounts:notices-read-all"))

    assert [n.event for n in Notification.objects.unread()] == ["c"]


def test_other_methods_are_refused(client_of, buyer):
    assert client_of(buyer).get(reverse("accounts:notices-read-all")).status_code == 405
    assert client_of(buyer).post(LIST).status_code == 405


def test_the_header_counts_the_unread(client_of, buyer, tell):
    tell("a"), tell("b")

    assert "2 条未读" in client_of(buyer).get(LIST).content.decode()


def test_the_list_asks_the_same_number_of_questions_however_long(client_of, buyer, tell, django_assert_num_queries):
    client = client_of(buyer)
    for events in (["a"], ["b", "c"]):
        for event in events:
            tell(event)
        with django_assert_num_queries(6):
            client.get(LIST)
