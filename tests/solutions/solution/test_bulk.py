"""Many at once: each is done or refused with its reason, and none stops another."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from solutions.models import Solution
from solutions.output import views
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
URL = reverse("solutions:bulk")
ClientOf = Callable[[User], Client]


def states() -> dict[str, str]:
    return dict(Solution.objects.values_list("title", "state"))


def test_ticked_drafts_are_handed_in_and_the_others_are_named(
    client_of: ClientOf, supplier: User, university: Organisation
) -> None:
    good = OutputFactory(organisation=university, title="好的")
    bare = OutputFactory(organisation=university, title="没简介的", summary="")
    done = OutputFactory(organisation=university, title="已提交的", submitted=True)
    foreign = OutputFactory(title="别家公开的", published=True)
    hidden = OutputFactory(title="别家草稿")
    codes = [output.code for output in (good, bare, done, foreign, hidden)]
    page = client_of(supplier).post(URL, {"action": "submit", "code": codes}, follow=True)
    text = page.content.decode()
    assert "已提交 1 项" in text
    assert "《没简介的》：还没有填写简介" in text
    assert "《已提交的》：当前状态不允许此操作" in text
    assert "《别家公开的》：您没有代表该机构操作的权限" in text
    assert states() == {
        "好的": "submitted",
        "没简介的": "draft",
        "已提交的": "submitted",
        "别家公开的": "published",
        "别家草稿": "draft",
    }


def test_all_drafts_of_the_organisation_are_handed_in(
    client_of: ClientOf, supplier: User, university: Organisation
) -> None:
    OutputFactory.create_batch(3, organisation=university)
    foreign = OutputFactory()
    client_of(supplier).post(URL, {"action": "submit-all"})
    assert Solution.objects.filter(state="submitted").count() == 3
    foreign.refresh_from_db()
    assert foreign.state == "draft"


def test_very_many_drafts_go_in_parts(
    client_of: ClientOf, supplier: User, university: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_AT_ONCE", 2)
    OutputFactory.create_batch(3, organisation=university)
    page = client_of(supplier).post(URL, {"action": "submit-all"}, follow=True)
    assert "还有 1 项" in page.content.decode()
    assert Solution.objects.filter(state="submitted").count() == 2


def test_many_refusals_are_summed_up(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    outputs = OutputFactory.create_batch(12, organisation=university, summary="")
    codes = [output.code for output in outputs]
    page = client_of(supplier).post(URL, {"action": "submit", "code": codes}, follow=True)
    assert "另有 2 项未能处理" in page.content.decode()


def test_nothing_ticked_is_said(client_of: ClientOf, supplier: User) -> None:
    assert "请先勾选" in client_of(supplier).post(URL, {"action": "submit"}, follow=True).content.decode()


def test_an_operator_publishes_what_is_ticked(client_of: ClientOf, operator: User) -> None:
    good = OutputFactory(title="待审核的", submitted=True)
    draft = OutputFactory(title="草稿")
    page = client_of(operator).post(URL, {"action": "publish", "code": [good.code, draft.code]}, follow=True)
    assert "已发布 1 项" in page.content.decode()
    assert states() == {"待审核的": "published", "草稿": "draft"}


def test_publishing_is_refused_to_others(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    output = OutputFactory(organisation=university, submitted=True)
    assert client_of(supplier).post(URL, {"action": "publish", "code": output.code}).status_code == 403
    assert Solution.objects.get().state == "submitted"


def test_other_methods_are_refused(client_of: ClientOf, supplier: User) -> None:
    assert client_of(supplier).get(URL).status_code == 405
