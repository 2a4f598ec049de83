"""The confidentiality agreement: read, signed, kept, ended."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Role
from accounts.permissions import Denied
from accounts.viewer import Viewer
from lib.refusals import WrongState
from needs.disclosure import actions as verbs
from needs.disclosure import nda
from needs.disclosure.permissions import NAMED, NDA, VERIFIED, clearance
from needs.models import NamedOrganisation, NdaAcceptance, Need
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.disclosure import NamedOrganisationFactory, NdaAcceptanceFactory
from tests.factories.needs import NeedFactory, broker

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(enterprise) -> Need:
    return NeedFactory(published=True, organisation=enterprise, disclosure={"difficulty": "nda", "tried": "named"})


def page(need: Need) -> str:
    return reverse("needs:nda", args=[need.code])


def checksum(need: Need, organisation: Any) -> str:
    return verbs.agreement_for(need, organisation).checksum


def accept(need: Need, organisation: Any, by: Any) -> NdaAcceptance:
    return verbs.accept_nda(
        need=need, organisation=organisation, text_hash=checksum(need, organisation), by=by, at=timezone.now()
    )


def revoke(acceptance: NdaAcceptance, by: Any, reason: str = "合作终止") -> NdaAcceptance:
    return verbs.revoke_nda(acceptance=acceptance, reason=reason, by=by, at=timezone.now())


# --- Signing -------------------------------------------------------------------------------------------------------


def test_who_reads_and_confirms_signs_for_the_organisation(client_of, supplier, university, buyer, need):
    client = client_of(supplier)
    shown = client.get(page(need)).content.decode()
    assert "技术需求保密协议" in shown
    assert "Confidentiality Agreement" in shown
    assert need.title in shown
    assert checksum(need, university) in shown
    response = client.post(page(need), {"text_hash": checksum(need, university), "authorised": "on"})
    assert response["Location"] == need.get_absolute_url()
    kept = NdaAcceptance.objects.get()
    assert (kept.need, kept.organisation, kept.accepted_by) == (need, university, supplier)
    assert (kept.text_version, kept.text_hash) == (nda.VERSION, nda.checksum(kept.text))
    assert clearance(Viewer.of(supplier), need) == NDA
    assert AuditEvent.objects.filter(action="need.nda_accept", object_code=need.code, by=supplier).exists()
    assert Notification.objects.filter(recipient=buyer, url=reverse("needs:disclosure", args=[need.code])).exists()


def test_signing_twice_is_once(supplier, university, need):
    assert accept(need, university, supplier) == accept(need, university, supplier)


def test_without_the_confirmation_nothing_is_signed(client_of, supplier, university, need):
    response = client_of(supplier).post(page(need), {"text_hash": checksum(need, university)})
    assert response.status_code == 422
    assert not NdaAcceptance.objects.exists()


def test_a_text_that_changed_since_it_was_read_is_shown_again(client_of, supplier, university, need):
    read = checksum(need, university)
    Need.objects.update(title="另一个名称")
    response = client_of(supplier).post(page(need), {"text_hash": read, "authorised": "on"}, follow=True)
    assert "协议文本已更新" in response.content.decode()
    assert not NdaAcceptance.objects.exists()


@pytest.mark.parametrize("who", ["reader", "pending", "own", "stranger"])
def test_who_may_not_sign_is_refused(who, need, buyer, enterprise, university, outsider):
    if who == "pending":
        organisation = OrganisationFactory(pending=True)
        by = MembershipFactory(organisation=organisation).user
    else:
        organisation = enterprise if who == "own" else university
        reader = MembershipFactory(organisation=university, role=Role.VIEWER).user
        by = {"reader": reader, "own": buyer, "stranger": outsider}[who]
    with pytest.raises(Denied):
        accept(need, organisation, by)
    assert not NdaAcceptance.objects.exists()


@pytest.mark.parametrize("state", ["submitted", "closed"])
def test_only_a_published_need_takes_signatures(state, supplier, university, enterprise):
    with pytest.raises(Denied):
        accept(NeedFactory(organisation=enterprise, **{state: True}), university, supplier)


def test_a_visitor_logs_in_and_a_newcomer_learns_what_is_missing(client, client_of, newcomer, need):
    assert reverse("accounts:login") in client.get(page(need))["Location"]
    assert "请先登记机构" in client_of(newcomer).get(page(need)).content.decode()


# --- The record ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("supplier", 200), ("buyer", 200), ("colleague", 200), ("operator", 200), ("outsider", 404)],
)
def test_the_record_is_read_by_both_sides_and_operators(who, status, request, client_of, supplier, university, need):
    acceptance = accept(need, university, supplier)
    person = request.getfixturevalue(who)
    response = client_of(person).get(reverse("needs:nda-record", args=[acceptance.code]))
    assert response.status_code == status
    if status == 200:
        shown = response.content.decode()
        assert acceptance.text_hash in shown
        assert supplier.name in shown
        assert "所存文本与校验值一致" in shown


def test_a_text_that_was_tampered_with_is_noticed(client_of, supplier, university, need):
    acceptance = accept(need, university, supplier)
    NdaAcceptance.objects.update(text="改过的文本")
    shown = client_of(supplier).get(reverse("needs:nda-record", args=[acceptance.code])).content.decode()
    assert "所存文本与校验值不一致" in shown


# --- Ending --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supplier", "buyer"])
def test_either_side_ends_it_with_a_reason_and_the_other_hears_of_it(
    who, request, client_of, supplier, buyer, university, need
):
    acceptance = accept(need, university, supplier)
    person = request.getfixturevalue(who)
    client_of(person).post(reverse("needs:nda-revoke", args=[acceptance.code]), {"reason": "不再参与"})
    acceptance.refresh_from_db()
    assert (acceptance.revoked_by, acceptance.revoke_reason) == (person, "不再参与")
    assert clearance(Viewer.of(supplier), need) == VERIFIED
    other = buyer if who == "supplier" else supplier
    assert Notification.objects.filter(recipient=other, event=f"nda:{acceptance.pk}:revoked").exists()


def test_it_is_not_ended_without_a_reason(client_of, supplier, university, need):
    acceptance = accept(need, university, supplier)
    response = client_of(supplier).post(reverse("needs:nda-revoke", args=[acceptance.code]), {"reason": " "})
    assert response.status_code == 422
    assert NdaAcceptance.objects.in_force().exists()


@pytest.mark.parametrize("who", ["outsider", "operator", "colleague"])
def test_nobody_else_ends_it(who, request, supplier, university, need):
    acceptance = accept(need, university, supplier)
    with pytest.raises(Denied):
        revoke(acceptance, request.getfixturevalue(who))


def test_it_is_ended_once(supplier, university, need):
    acceptance = revoke(accept(need, university, supplier), supplier)
    with pytest.raises(WrongState):
        revoke(acceptance, supplier)


def test_who_ended_it_themselves_may_sign_again(supplier, university, need):
    revoke(accept(need, university, supplier), supplier)
    accept(need, university, supplier)
    assert clearance(Viewer.of(supplier), need) == NDA


def test_ended_by_the_poser_it_is_signed_again_only_when_named_anew(client_of, supplier, buyer, university, need):
    NamedOrganisationFactory(need=need, organisation=university)
    acceptance = accept(need, university, supplier)
    assert clearance(Viewer.of(supplier), need) == NAMED
    revoke(acceptance, buyer)
    assert not NamedOrganisation.objects.exists()
    with pytest.raises(Denied):
        accept(need, university, supplier)
    assert "重新指定" in client_of(supplier).get(need.get_absolute_url()).content.decode()
    verbs.name_organisation(need=need, organisation=university, by=buyer, at=timezone.now())
    accept(need, university, supplier)
    assert clearance(Viewer.of(supplier), need) == NAMED


def test_who_went_over_to_the_poser_ends_it_for_the_poser(supplier, university, enterprise, need):
    """And who leaves the poser since has ended it for the poser all the same."""
    acceptance = accept(need, university, supplier)
    mover = MembershipFactory(organisation=university, ended_at=timezone.now()).user
    now_with_poser = MembershipFactory(user=mover, organisation=enterprise)
    revoke(acceptance, mover)
    for ended_at in (None, timezone.now()):
        now_with_poser.ended_at = ended_at
        now_with_poser.save()
        with pytest.raises(Denied):
            accept(need, university, supplier)


# --- Naming --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["code", "name"])
def test_the_poser_names_an_organisation_by_code_or_name(by, client_of, buyer, supplier, university, need):
    url = reverse("needs:disclosure-name", args=[need.code])
    client_of(buyer).post(url, {"organisation": getattr(university, by)})
    assert need.named_organisations.get().organisation == university
    assert Notification.objects.filter(recipient=supplier, url=page(need)).exists()
    client_of(buyer).post(reverse("needs:disclosure-unname", args=[need.code]), {"organisation": university.code})
    assert not need.named_organisations.exists()


def test_an_unknown_an_unverified_or_ones_own_organisation_is_not_named(client_of, buyer, enterprise, need):
    url = reverse("needs:disclosure-name", args=[need.code])
    for written in ("没有这家", OrganisationFactory(pending=True).code, enterprise.code, ""):
        client_of(buyer).post(url, {"organisation": written})
    assert not need.named_organisations.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 403), ("operator", 403), ("supplier", 404), ("outsider", 404)]
)
def test_only_the_posers_writers_name(who, status, request, client_of, university, need):
    client = client_of(request.getfixturevalue(who))
    url = reverse("needs:disclosure-name", args=[need.code])
    assert client.post(url, {"organisation": university.code}).status_code == status
    assert not need.named_organisations.exists()


@pytest.mark.parametrize("name", ["needs:disclosure-name", "needs:disclosure-unname"])
def test_naming_takes_a_post(name, client_of, buyer, need):
    assert client_of(buyer).get(reverse(name, args=[need.code])).status_code == 405


# --- By program ----------------------------------------------------------------------------------------------------


def test_a_program_reads_signs_and_ends(client_of, supplier, university, buyer, need):
    base = f"/api/v1/needs/{need.code}/nda/"
    client = client_of(supplier)
    read = client.get(f"{base}agreement/").json()
    assert read["text_hash"] == nda.checksum(read["text"])
    signed = client.post(base, {"text_hash": read["text_hash"]}, content_type="application/json")
    assert signed.status_code == 201
    code = signed.json()["code"]
    assert [row["code"] for row in client_of(buyer).get(base).json()["results"]] == [code]
    assert client.post(base, {"text_hash": "0" * 64}, content_type="application/json").status_code == 201, "stands"
    ended = client.post(f"/api/v1/nda/{code}/revoke/", {"reason": "不再参与"}, content_type="application/json")
    assert ended.json()["revoke_reason"] == "不再参与"
    assert client.post(base, {"text_hash": "0" * 64}, content_type="application/json").status_code == 400


def test_a_program_names_only_for_the_poser(client_of, buyer, outsider, university, need):
    base, body = f"/api/v1/needs/{need.code}/named/", {"organisation": university.code}
    assert client_of(outsider).post(base, body, content_type="application/json").status_code == 404
    assert client_of(buyer).post(base, body, content_type="application/json").status_code == 201
    assert client_of(buyer).delete(f"{base}{university.code}/").status_code == 204
    assert client_of(buyer).get(base).json()["results"] == []


def test_others_do_not_read_an_acceptance_by_its_number(client_of, outsider):
    """Nor does a broker who looks after another need; the caretaker reads it by page and by program."""
    acceptance = NdaAcceptanceFactory(need__caretaker=broker())
    urls = [f"/api/v1/nda/{acceptance.code}/", reverse("needs:nda-record", args=[acceptance.code])]
    for person, status in ((outsider, 404), (broker(), 404), (acceptance.need.caretaker, 200)):
        assert [client_of(person).get(url).status_code for url in urls] == [status, status]
