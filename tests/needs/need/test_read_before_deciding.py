"""An operator decides on what was on the page: a text that changed since is refused and shown again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from needs.models import Need
from solutions.models import Solution
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

BEFORE, AFTER = timedelta(minutes=-1), timedelta(minutes=1)


def decide(client: Client, name: str, thing: Need | Solution, *, read: timedelta) -> str:
    """Press the button on a page made that long before or after the last change; return the words that come back."""
    moment = (thing.changed_at + read).isoformat()
    answer = client.post(reverse(name, args=[thing.code]), {"read_at": moment}, follow=True)
    thing.refresh_from_db()
    return answer.content.decode()


@pytest.mark.parametrize(("name", "factory"), [("needs:publish", NeedFactory), ("solutions:publish", OutputFactory)])
def test_what_changed_after_the_page_was_made_is_not_published(
    client_of: Callable[[User], Client], operator: User, name: str, factory: Callable[..., Need | Solution]
) -> None:
    thing = factory(submitted=True)
    assert "又有修改" in decide(client_of(operator), name, thing, read=BEFORE)
    assert thing.state == "submitted"
    decide(client_of(operator), name, thing, read=AFTER)
    assert thing.state == "published"


@pytest.mark.parametrize(
    ("name", "factory"), [("needs:acknowledge", NeedFactory), ("solutions:acknowledge", OutputFactory)]
)
def test_a_change_nobody_read_is_not_acknowledged(
    client_of: Callable[[User], Client], operator: User, name: str, factory: Callable[..., Need | Solution]
) -> None:
    thing = factory(published=True)
    type(thing).objects.filter(pk=thing.pk).update(changed_at=timezone.now() + timedelta(seconds=5))
    thing.refresh_from_db()
    reviewed = thing.reviewed_at
    assert "又有修改" in decide(client_of(operator), name, thing, read=BEFORE)
    assert thing.reviewed_at == reviewed


def test_the_pages_of_the_queue_say_when_they_were_made(client_of: Callable[[User], Client], operator: User) -> None:
    NeedFactory(submitted=True)
    OutputFactory(submitted=True)
    for name in ("needs:review-queue", "solutions:review-queue"):
        assert 'name="read_at"' in client_of(operator).get(reverse(name)).content.decode()


def test_a_moment_that_cannot_be_read_is_no_moment(client_of: Callable[[User], Client], operator: User) -> None:
    need = NeedFactory(submitted=True)
    client_of(operator).post(reverse("needs:publish", args=[need.code]), {"read_at": "2026-99-99T00:00:00"})
    need.refresh_from_db()
    assert need.state == "published"
