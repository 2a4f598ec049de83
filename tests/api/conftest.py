"""What the tests of the API share: a client per person, and a pair that matching really found."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import Match, Trigger
from matching.runs import actions
from matching.runs import execution as runs
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are worked off by hand here; nothing is sent to a worker."""
    monkeypatch.setattr(actions, "nudge", lambda: None)


@pytest.fixture
def api_of(db: None) -> Callable[[User], APIClient]:
    """`api_of(buyer).get(url)`: a program with this person's token."""

    def login(user: User) -> APIClient:
        client = APIClient()
        token, _is_new = Token.objects.get_or_create(user=user)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
        return client

    return login


@pytest.fixture
def visitor(db: None) -> APIClient:
    return APIClient()


@pytest.fixture
def match_of(enterprise: Organisation, university: Organisation) -> Callable[..., Match]:
    """A published need of the enterprise and a published output of the university, matched by the engine.

    `secret`: one of the need's two indicators is not public. Other fields are the need's.
    """

    def found(*, secret: bool = False, **fields: object) -> Match:
        need = NeedFactory(published=True, organisation=enterprise, **fields)
        NeedIndicatorFactory(need=need, name="抗拉强度")
        NeedIndicatorFactory(
            need=need, name="延伸率", value=12, unit="%", level="named" if secret else "public", position=1
        )
        output = OutputFactory(published=True, organisation=university)
        SolutionIndicatorFactory(solution=output, name="抗拉强度")
        SolutionIndicatorFactory(solution=output, name="延伸率", value=15, unit="%", position=1)
        reconcile(at=timezone.now())
        actions.start_run(trigger=Trigger.NEED_PUBLISHED, needs=[need], by=None, at=timezone.now())
        runs.work_off()
        return Match.objects.get(need=need, solution=output)

    return found
