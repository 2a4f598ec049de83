"""Near-duplicates as operators see and dismiss them, and the hint that others ask for the same in public."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.audit import AuditEvent
from accounts.models import Organisation, User
from lib.refusals import WrongState
from matching.documents.maintenance import reconcile
from matching.models import Duplicate
from matching.similar import actions as similar
from matching.similar import tasks
from matching.similar.actions import Looked
from needs.models import Need
from solutions.models import Solution
from tests.factories.accounts import MembershipFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
PAGE = reverse("matching:duplicate-list")
HTMX = {"HX-Request": "true"}
NOTHING = Looked(0, 0, 0)


def two_needs(**values: object) -> tuple[Need, Need]:
    """Two enterprises ask for the same."""
    return tuple(NeedFactory(published=True, title="风电主轴轴承钢接触疲劳寿命提升", **values) for _ in range(2))


def two_outputs() -> tuple[Solution, Solution]:
    return tuple(OutputFactory(published=True, title="高温轴承钢洁净冶炼技术") for _ in range(2))


def looked() -> list[Looked]:
    reconcile(at=timezone.now())
    return similar.find_duplicates(at=timezone.now())


def pairs() -> set[frozenset[str]]:
    rows = Duplicate.objects.open().values_list("first__key", "second__key")
    return {frozenset(keys) for keys in rows}


# --- finding -----------------------------------------------------------------------------------------------------


def test_needs_and_outputs_that_say_the_same_are_found_once() -> None:
    needs, outputs = two_needs(), two_outputs()
    NeedFactory(published=True, title="古籍文字识别", keywords=["古籍"], background="残损异体字", difficulty="")
    reconcile(at=timezone.now())
    tasks.find_duplicates()
    assert pairs() == {frozenset(row.code for row in rows) for rows in (needs, outputs)}
    assert looked() == [NOTHING, NOTHING], "nothing changed since"


def test_only_what_changed_is_looked_at_again() -> None:
    first, second = two_needs()
    NeedFactory(published=True, title="古籍文字识别", keywords=["古籍"], background="残损异体字", difficulty="")
    looked()
    third = NeedFactory(published=True, title=first.title)
    assert looked()[0] == Looked(documents=1, pairs=2, compared=2)
    assert pairs() == {
        frozenset(pair) for pair in [(first.code, second.code), (first.code, third.code), (second.code, third.code)]
    }


def test_what_is_not_alike_any_more_is_no_pair() -> None:
    _first, second = two_needs()
    looked()
    second.background = second.difficulty = "沼液还田的氨挥发与重金属累积难以兼顾，施用时机凭经验，邻近水体总氮超标。"
    second.title, second.keywords = "畜禽粪污资源化", ["沼液"]
    second.save()
    looked()
    assert pairs() == set()


def test_a_dismissal_holds_while_the_two_stay_alike(operator: User) -> None:
    _first, second = two_needs()
    looked()
    similar.dismiss(duplicate=Duplicate.objects.get(), by=operator, at=timezone.now())
    second.background += "台架试验另行约定。"
    second.save()
    assert looked()[0].pairs == 1
    still = Duplicate.objects.get()
    assert (still.state, still.similarity < 1) == ("dismissed", True), "edited, and as alike as it is now"
    kept = {name: getattr(second, name) for name in ("title", "keywords", "background", "difficulty")}
    second.background = second.difficulty = "沼液还田的氨挥发与重金属累积难以兼顾，施用时机凭经验，邻近水体总氮超标。"
    second.title, second.keywords = "畜禽粪污资源化", ["沼液"]
    second.save()
    looked()
    assert not Duplicate.objects.exists(), "what was said of other texts is said no longer"
    for name, value in kept.items():
        setattr(second, name, value)
    second.save()
    looked()
    assert len(pairs()) == 1, "somebody looks at it anew"


def test_how_alike_two_needs_are_is_told_by_their_public_text() -> None:
    """Else an operator's list, or whoever is told of it, would say what a need hides."""
    first, _second = two_needs()
    first.background, first.difficulty = "绝密工况" * 30, "机密辊速" * 30
    first.disclosure = {"background": "named", "difficulty": "named"}
    first.save()
    looked()
    assert pairs() == set()
    Need.objects.exclude(pk=first.pk).update(disclosure=first.disclosure)
    looked()
    assert len(pairs()) == 1
    assert Duplicate.objects.get().similarity == 1


def test_what_was_unlisted_and_came_back_is_looked_at_again() -> None:
    first, second = two_needs()
    looked()
    Need.objects.filter(pk=first.pk).update(state="draft")
    looked()
    assert pairs() == set()
    third = NeedFactory(published=True, title=second.title)
    looked()
    Need.objects.filter(pk=first.pk).update(state="published")
    looked()
    assert {frozenset([first.code, second.code]), frozenset([first.code, third.code])} <= pairs()


# --- the operators' page -----------------------------------------------------------------------------------------


def test_the_page_shows_both_sides_with_links_by_kind(client_of: Login, operator: User) -> None:
    needs, outputs = two_needs(), two_outputs()
    assert "没有疑似重复" in client_of(operator).get(PAGE).content.decode()
    looked()
    of_needs = client_of(operator).get(PAGE).content.decode()
    of_outputs = client_of(operator).get(PAGE, {"kind": "output"}).content.decode()
    for html, shown, others in ((of_needs, needs, outputs), (of_outputs, outputs, needs)):
        for row in shown:
            assert f'href="{row.get_absolute_url()}"' in html
            assert row.organisation.name in html
        assert not [row for row in others if row.code in html]
        assert "相近 100%" in html


def dismiss_url(duplicate: Duplicate) -> str:
    return reverse("matching:duplicate-dismiss", args=[duplicate.first.key, duplicate.second.key])


def test_what_is_dismissed_is_gone_for_good_and_on_record(client_of: Login, operator: User) -> None:
    first, _second = two_needs()
    looked()
    duplicate = Duplicate.objects.get()
    response = client_of(operator).post(dismiss_url(duplicate), follow=True)
    assert "已标记为不是重复" in response.content.decode()
    assert pairs() == set()
    event = AuditEvent.objects.get(action="duplicate.dismiss")
    assert (event.object_code, event.by, event.to_state) == (duplicate.code, operator, "dismissed")
    first.background += "返修停机十五天。"
    first.save()
    looked()
    assert pairs() == set(), "still alike, and still not the same"
    again = client_of(operator).post(dismiss_url(duplicate), follow=True)
    assert "已标记为不是重复" not in again.content.decode()
    with pytest.raises(WrongState):
        similar.dismiss(duplicate=duplicate, by=operator, at=timezone.now())


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider"])
def test_nobody_but_operators_sees_or_dismisses_pairs(
    person: str, client_of: Login, request: pytest.FixtureRequest
) -> None:
    two_needs()
    looked()
    client, duplicate = client_of(request.getfixturevalue(person)), Duplicate.objects.get()
    api = APIClient()
    api.force_authenticate(request.getfixturevalue(person))
    assert client.get(PAGE).status_code == 403
    assert client.post(dismiss_url(duplicate)).status_code == 403
    assert api.get("/api/v1/duplicates/").status_code == 403
    assert pairs()


def test_wrong_methods_and_pairs_that_are_none(client_of: Login, operator: User) -> None:
    client = client_of(operator)
    assert client.post(PAGE).status_code == 405
    assert client.get(reverse("matching:duplicate-dismiss", args=["N-1", "N-2"])).status_code == 405
    assert client.post(reverse("matching:duplicate-dismiss", args=["N-1", "N-2"])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_page_and_api_ask_a_constant_number_of_queries(
    number: int, client_of: Login, operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        for _ in range(2):
            NeedFactory(
                published=True,
                title=f"{'甲乙丙丁'[place]}型设备",
                keywords=[],
                background="沼液古籍边坡电池"[2 * place : 2 * place + 2] * 3,
                difficulty="",
                technical_field="",
            )
    looked()
    assert Duplicate.objects.count() == number
    client, api = client_of(operator), APIClient()
    api.force_authenticate(operator)
    with django_assert_num_queries(8):
        client.get(PAGE)
    with django_assert_num_queries(3):
        api.get("/api/v1/duplicates/")


def test_the_api_lists_pairs_with_both_sides(operator: User) -> None:
    needs, _outputs = two_needs(), two_outputs()
    looked()
    api = APIClient()
    api.force_authenticate(operator)
    rows = api.get("/api/v1/duplicates/", {"kind": "need", "state": "open"}).json()["results"]
    assert [{side["code"] for side in row["sides"]} for row in rows] == [{need.code for need in needs}]
    assert rows[0]["similarity"] == 1
    assert api.get("/api/v1/duplicates/", {"kind": "person"}).status_code == 400


# --- common needs ------------------------------------------------------------------------------------------------


def hint_on_page(client: Client, need: Need) -> str:
    return client.get(reverse("matching:similar-to-need", args=[need.code]), headers=HTMX).content.decode()


def hint_on_form(client: Client, need: Need, **changes: str) -> str:
    data = {"title": need.title, "keywords": "、".join(need.keywords), "background": need.background, **changes}
    return client.post(reverse("matching:similar-to-text"), data, headers=HTMX).content.decode()


@pytest.fixture
def draft(enterprise: Organisation) -> Need:
    return NeedFactory(organisation=enterprise)


def test_the_poser_hears_of_public_needs_that_ask_for_the_same(draft: Need, buyer: User, client_of: Login) -> None:
    other = NeedFactory(published=True)
    NeedFactory(published=True, title="古籍文字识别", keywords=["古籍"], background="残损异体字", difficulty="")
    reconcile(at=timezone.now())
    for html in (hint_on_page(client_of(buyer), draft), hint_on_form(client_of(buyer), draft)):
        assert "已有 1 项相近的公开需求" in html
        assert f'href="{other.get_absolute_url()}"' in html
        assert other.organisation.name in html
    page = client_of(buyer).get(reverse("matching:similar-to-need", args=[draft.code])).content.decode()
    assert other.title in page
    assert "</html>" in page


def test_without_words_or_without_likes_there_is_no_hint(draft: Need, buyer: User, client_of: Login) -> None:
    NeedFactory(published=True, title="古籍文字识别", keywords=["古籍"], background="残损异体字", difficulty="")
    reconcile(at=timezone.now())
    assert hint_on_page(client_of(buyer), draft).strip() == ""
    assert hint_on_form(client_of(buyer), draft, title="", keywords="", background="").strip() == ""
    page = client_of(buyer).get(reverse("matching:similar-to-need", args=[draft.code])).content.decode()
    assert "没有相近的公开需求" in page


def test_a_need_is_not_like_itself(enterprise: Organisation, buyer: User, client_of: Login) -> None:
    need = NeedFactory(published=True, organisation=enterprise)
    reconcile(at=timezone.now())
    assert hint_on_page(client_of(buyer), need).strip() == ""
    assert hint_on_form(client_of(buyer), need, code=need.code).strip() == ""


def test_what_one_firm_asks_for_twice_is_not_common(
    draft: Need, enterprise: Organisation, buyer: User, operator: User, client_of: Login
) -> None:
    """Neither to its own people, nor to those who read its need for the platform."""
    own = NeedFactory(published=True, organisation=enterprise)
    reconcile(at=timezone.now())
    for html in (
        hint_on_page(client_of(buyer), draft),
        hint_on_form(client_of(buyer), draft),
        hint_on_page(client_of(operator), draft),
    ):
        assert html.strip() == ""
    page = client_of(buyer).get(reverse("matching:similar-to-need", args=[draft.code])).content.decode()
    assert "没有别的企业" in page
    assert own.title not in page.split("没有别的企业")[-1]


def test_needs_of_every_organisation_of_the_asker_are_its_own(draft: Need, buyer: User, client_of: Login) -> None:
    active, ended = NeedFactory(published=True), NeedFactory(published=True)
    MembershipFactory(user=buyer, organisation=active.organisation)
    MembershipFactory(user=buyer, organisation=ended.organisation, ended_at=timezone.now())
    reconcile(at=timezone.now())
    for html in (hint_on_page(client_of(buyer), draft), hint_on_form(client_of(buyer), draft)):
        assert "已有 1 项" in html
        assert ended.code in html
        assert active.code not in html


def test_a_need_is_common_when_several_organisations_have_it(draft: Need, buyer: User, client_of: Login) -> None:
    first = NeedFactory(published=True)
    NeedFactory(published=True, organisation=first.organisation)
    reconcile(at=timezone.now())
    html = hint_on_page(client_of(buyer), draft)
    assert "已有 2 项相近的公开需求" in html
    assert "共性需求" not in html
    NeedFactory(published=True)
    reconcile(at=timezone.now())
    for html in (hint_on_page(client_of(buyer), draft), hint_on_form(client_of(buyer), draft)):
        assert "已有 3 项相近的公开需求" in html
        assert "2 家企业都有的共性需求" in html


@pytest.mark.parametrize("state", ["draft", "submitted", "withdrawn"])
def test_needs_that_are_not_public_are_never_named(state: str, draft: Need, buyer: User, client_of: Login) -> None:
    hidden = NeedFactory(title=draft.title, **({"submitted": True} if state == "submitted" else {"state": state}))
    reconcile(at=timezone.now())
    similar.find_duplicates(at=timezone.now())
    for html in (hint_on_page(client_of(buyer), draft), hint_on_form(client_of(buyer), draft)):
        assert hidden.code not in html
        assert "已有" not in html


def test_nobody_finds_a_hidden_text_by_typing_it(draft: Need, buyer: User, client_of: Login) -> None:
    """Whoever guesses what a need hides must be told what everybody is told whatever it hides."""
    secret = "绝密工况机密辊速七三五一" * 20
    other = NeedFactory(published=True, title="通用设备改造", keywords=[], difficulty="")
    told = []
    for background in (secret, "毫不相干的另一段话" * 20):
        other.background, other.disclosure = background, {"background": "named"}
        other.save()
        reconcile(at=timezone.now())
        told.append(hint_on_form(client_of(buyer), draft, title="通用设备改造", keywords="", background=secret))
    assert told[0] == told[1]


def test_others_do_not_ask_on_behalf_of_a_need_they_may_not_read(draft: Need, outsider: User, client_of: Login) -> None:
    published = NeedFactory(published=True)
    assert client_of(outsider).get(reverse("matching:similar-to-need", args=[draft.code])).status_code == 404
    assert client_of(outsider).get(reverse("matching:similar-to-need", args=[published.code])).status_code == 404
    assert client_of(outsider).get(reverse("matching:similar-to-text")).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_hint_asks_a_constant_number_of_queries(
    number: int, draft: Need, buyer: User, client_of: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        NeedFactory(published=True)
    reconcile(at=timezone.now())
    client = client_of(buyer)
    with django_assert_num_queries(5):
        assert f"已有 {number} 项" in hint_on_form(client, draft)


def test_form_and_page_of_a_draft_ask_for_the_hint(draft: Need, buyer: User, client_of: Login) -> None:
    form = client_of(buyer).get(reverse("needs:edit", args=[draft.code])).content.decode()
    assert reverse("matching:similar-to-text") in form
    page = client_of(buyer).get(draft.get_absolute_url()).content.decode()
    assert reverse("matching:similar-to-need", args=[draft.code]) in page
