"""Levels: how far somebody has come, what a view of a need holds, and how levels are chosen."""

import gc
from dataclasses import FrozenInstanceError
from types import FunctionType, ModuleType

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.viewer import Viewer
from needs.disclosure.permissions import (
    FULL,
    NAMED,
    NDA,
    PUBLIC,
    VERIFIED,
    clearance,
    clearances,
)
from needs.disclosure.queries import (
    disclosed,
    disclosed_list,
    public_view,
)
from needs.models import Need, NeedIndicator
from needs.need.fields import clean_need, clean_need_indicator, hideable
from tests.factories.accounts import MembershipFactory
from tests.factories.disclosure import NamedOrganisationFactory, NdaAcceptanceFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.needs.need.pages import form_data

pytestmark = pytest.mark.django_db


# --- How far somebody has come -------------------------------------------------------------------------------------


def test_each_stage_asks_for_all_before_it(supplier, university, newcomer, buyer, operator, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    assert clearance(Viewer.of(AnonymousUser()), need) == clearance(Viewer.of(newcomer), need) == PUBLIC
    assert clearance(Viewer.of(supplier), need) == VERIFIED
    NamedOrganisationFactory(need=need, organisation=university)
    assert clearance(Viewer.of(supplier), need) == VERIFIED
    NdaAcceptanceFactory(need=need, organisation=university)
    assert clearance(Viewer.of(supplier), need) == NAMED
    need.named_organisations.all().delete()
    assert clearance(Viewer.of(supplier), need) == NDA
    for insider in (buyer, operator, need.caretaker):
        assert clearance(Viewer.of(insider), need) == FULL


def test_the_best_of_several_organisations_counts_but_two_halves_make_no_whole(supplier, university, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    second = MembershipFactory(user=supplier).organisation
    NdaAcceptanceFactory(need=need, organisation=second)
    NamedOrganisationFactory(need=need, organisation=university)
    assert clearance(Viewer.of(supplier), need) == NDA


def test_an_agreement_on_one_need_opens_no_other(supplier, university, enterprise):
    signed, other = NeedFactory.create_batch(2, published=True, organisation=enterprise)
    NdaAcceptanceFactory(need=signed, organisation=university)
    assert clearances(Viewer.of(supplier), [signed, other]) == {signed.pk: NDA, other.pk: VERIFIED}


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_a_constant_number_of_queries(number, supplier, university, django_assert_num_queries):
    for need in NeedFactory.create_batch(number, published=True):
        NdaAcceptanceFactory(need=need, organisation=university)
    needs = list(Need.objects.all())
    with django_assert_num_queries(4):
        disclosed_list(Viewer.of(supplier), needs)


# --- A view --------------------------------------------------------------------------------------------------------


def test_a_view_is_empty_where_it_withholds_and_the_need_itself_is_not():
    need = NeedFactory(
        published=True, budget_min=10, budget_max=20, months=3, disclosure=dict.fromkeys(hideable(), "nda")
    )
    hidden = NeedIndicatorFactory(need=need, name="隐藏指标", level="named")
    shown = NeedIndicatorFactory(need=need, name="公开指标", position=1)
    view = public_view(need)
    assert view.withheld == {*hideable(), "indicators"}
    assert view.locks["indicators"] == "named"
    assert (view.background, view.keywords, view.cooperation_modes) == ("", [], [])
    assert (view.trl_min, view.budget_min, view.budget_max, view.months) == (None, None, None, None)
    assert [row.name for row in view.shown_indicators] == [shown.name]
    assert (view.title, view.code, view.organisation) == (need.title, need.code, need.organisation)
    assert need.background
    assert (need.budget_max, list(need.indicators.order_by("position"))) == (20, [hidden, shown])


def test_a_view_cannot_be_changed_or_saved():
    need = NeedFactory(disclosure={"background": "nda"})
    for view in (public_view(need), disclosed(need, FULL)):
        with pytest.raises(FrozenInstanceError):
            view.state = "closed"
        with pytest.raises(TypeError):
            view.content["background"] = "改写"
        with pytest.raises(AttributeError):
            view.save()
    need.refresh_from_db()
    assert need.background


def reachable_from(start):
    """Everything that some chain of attributes and items leads to; code and classes are not followed."""
    seen, waiting = {}, [start]
    while waiting:
        value = waiting.pop()
        if id(value) not in seen and not isinstance(value, (type, ModuleType, FunctionType)):
            seen[id(value)] = value
            waiting += gc.get_referents(value)
    return list(seen.values())


@pytest.mark.parametrize("is_loaded", [False, True])
def test_nothing_of_a_view_leads_to_what_it_withholds(is_loaded):
    made = NeedFactory(
        published=True, background="密语背景", contact_phone="13812345678", disclosure={"background": "nda"}
    )
    NeedIndicatorFactory(need=made, name="密语指标", level="named")
    NeedIndicatorFactory(need=made, name="公开指标", position=1)
    needs = Need.objects.filter(pk=made.pk)
    if is_loaded:
        needs = needs.select_related("organisation", "caretaker").prefetch_related("indicators")
    view = public_view(needs.get())
    assert view.organisation.name == made.organisation.name
    reached = reachable_from(view)
    assert not [value for value in reached if isinstance(value, (Need, NeedIndicator))]
    texts = {value for value in reached if isinstance(value, str)}
    assert "公开指标" in texts
    assert texts.isdisjoint({"密语背景", "密语指标", "13812345678"})


def test_a_view_has_what_is_for_the_people_of_the_need_for_them_alone():
    need = NeedFactory(published=True, contact_name="王工", contact_phone="13812345678", usual_search_days=90)
    whole, public = disclosed(need, FULL), disclosed(need, NAMED)
    assert (whole.contact_name, whole.usual_search_days, whole.caretaker) == ("王工", 90, need.caretaker)
    assert (public.contact_name, public.usual_search_days, public.caretaker) == ("", None, None)
    assert (public.masked_phone, public.withheld) == (need.masked_phone, frozenset())


# --- Choosing levels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "levels"),
    [
        (None, {}),
        ({}, {}),
        ({"budget": "nda", "tried": "public", "background": ""}, {"budget": "nda"}),
        ({"预算": "签署保密协议后可见"}, {"budget": "nda"}),
        ("预算：指定机构可见；背景与现状=核验机构可见", {"background": "verified", "budget": "named"}),
    ],
)
def test_levels_are_understood(raw, levels):
    assert clean_need({"title": "示例", "disclosure": raw})["disclosure"] == levels


@pytest.mark.parametrize("raw", [{"title": "nda"}, {"budget": "secret"}, "预算", {"budget_min": "nda"}])
def test_what_is_no_level_is_refused(raw):
    with pytest.raises(ValidationError) as caught:
        clean_need({"title": "示例", "disclosure": raw})
    assert "disclosure" in caught.value.message_dict


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, "public"),
        ({"is_public": True}, "public"),
        ({"is_public": False}, "named"),
        ({"is_public": False, "level": "nda"}, "nda"),
    ],
)
def test_rows_from_before_there_were_levels_stay_as_hidden_as_they_were(said, level):
    assert clean_need_indicator({"name": "强度", "value": "1", **said})["level"] == level


def test_the_form_takes_a_level_per_field_and_shows_it_again(client_of, buyer):
    data = form_data({"level": "named"}, level_budget="nda", level_background="verified", usual_search_days="180")
    client_of(buyer).post(reverse("needs:create"), data)
    need = Need.objects.get()
    assert need.disclosure == {"background": "verified", "budget": "nda"}
    assert need.indicators.get().level == "named"
    assert need.usual_search_days == 180
    form = client_of(buyer).get(reverse("needs:edit", args=[need.code])).context["form"]
    assert (form["level_budget"].value(), form["level_tried"].value()) == ("nda", "public")


def test_a_program_reads_and_writes_levels(client_of, buyer, supplier, enterprise):
    need = NeedFactory(published=True, organisation=enterprise, budget_max=50)
    url = reverse("api-need-detail", args=[need.code])
    sent = client_of(buyer).patch(url, {"disclosure": {"budget": "nda"}}, content_type="application/json")
    assert sent.json()["disclosure"] == {"budget": "nda"}
    seen = client_of(supplier).get(url).json()
    assert (seen["withheld"], seen["budget_max"], seen["usual_search_days"]) == (["budget"], None, None)
    refused = client_of(buyer).patch(url, {"disclosure": {"title": "nda"}}, content_type="application/json")
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (None, "登录后"),
        ("newcomer", "登记机构并通过核验后"),
        ("supplier", "签署保密协议后，可以查看"),
        ("reader", "请本机构有操作权限的同事签署"),
    ],
)
def test_the_page_says_what_brings_the_reader_on(who, words, request, client, client_of, university, enterprise):
    need = NeedFactory(published=True, organisation=enterprise, disclosure={"tried": "nda"})
    if who == "reader":
        person = MembershipFactory(organisation=university, role="viewer").user
    else:
        person = request.getfixturevalue(who) if who else None
    reader = client_of(person) if person else client
    page = reader.get(need.get_absolute_url()).content.decode()
    assert words in page
    assert "签署保密协议后可见" in page
