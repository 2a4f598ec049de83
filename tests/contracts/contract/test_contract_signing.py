"""Both sides confirm one text, by its hash; what is missing is said; a change takes everything back."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from contracts.contract.actions import ChangedMeanwhile, change_contract, confirm_contract, record_funding
from contracts.contract.text import missing, text_hash
from contracts.models import Contract, Side
from contracts.signals import contract_signed
from lib.refusals import NotReady, WrongState
from tests.factories.contracts import ContractFactory, MilestoneFactory
from tests.factories.needs import NeedFactory

TODAY = timezone.localdate


pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(enterprise, university) -> Contract:
    """A draft that misses nothing."""
    contract = ContractFactory(
        ready=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university
    )
    MilestoneFactory(contract=contract, position=1, payment=Decimal(100), due_on=TODAY() + timedelta(days=90))
    return contract


@pytest.fixture
def signed_signals():
    heard: list[Contract] = []

    def hear(contract: Contract, **_kwargs: Any) -> None:
        heard.append(contract)

    contract_signed.connect(hear)
    yield heard
    contract_signed.disconnect(hear)


def confirm(contract: Contract, side: Side, by: Any, **options: Any) -> Contract:
    return confirm_contract(contract=contract, side=side, by=by, at=timezone.now(), **options)


def change(contract: Contract, by: Any, *, milestones: Any = None, **values: Any) -> Contract:
    """A span stands for the day so far from today: a date in a parameter would be of the day tests were collected."""
    values = {name: TODAY() + value if isinstance(value, timedelta) else value for name, value in values.items()}
    return change_contract(contract=contract, values=values, milestones=milestones, by=by, at=timezone.now())


def lacks(contract: Contract) -> list[str]:
    return missing(contract, list(contract.milestones.all()))


def test_the_second_confirmation_signs(contract, buyer, supplier, signed_signals):
    first = confirm(contract, Side.BUYER, buyer)
    assert (first.state, first.buyer_confirmed_by, first.supplier_confirmed_at) == ("draft", buyer, None)
    assert not signed_signals
    second = confirm(contract, Side.SUPPLIER, supplier)
    assert second.state == "signed"
    assert second.signed_at == second.supplier_confirmed_at
    assert second.confirmed_hash == text_hash(contract, list(contract.milestones.all()))
    assert signed_signals == [contract]
    trail = AuditEvent.objects.filter(object_code=contract.code, action__startswith="contract.").order_by("pk")
    assert list(trail.values_list("action", flat=True)) == [
        "contract.confirm",
        "contract.confirm",
        "contract.sign",
    ]


def test_the_order_of_the_two_does_not_matter(contract, buyer, supplier):
    confirm(contract, Side.SUPPLIER, supplier)
    assert confirm(contract, Side.BUYER, buyer).state == "signed"


def test_the_other_side_is_asked_after_the_first_confirmation(contract, buyer, supplier):
    confirm(contract, Side.BUYER, buyer)
    assert Notification.objects.get().recipient == supplier


def test_nobody_confirms_for_the_other_side_or_twice(contract, buyer, supplier):
    with pytest.raises(Denied):
        confirm(contract, Side.SUPPLIER, buyer)
    confirm(contract, Side.BUYER, buyer)
    with pytest.raises(WrongState):
        confirm(contract, Side.BUYER, buyer)


@pytest.mark.parametrize(
    ("side_of_change", "values"),
    [("buyer", {"amount": Decimal(100), "title": "改名"}), ("supplier", {"rights_owner": "buyer"})],
)
def test_a_change_takes_back_what_was_confirmed_and_tells_both(
    side_of_change, values, contract, buyer, supplier, request
):
    confirm(contract, Side.BUYER, buyer)
    Notification.objects.all().delete()
    changed = change(contract, request.getfixturevalue(side_of_change), **values)
    assert (changed.confirmed_hash, changed.buyer_confirmed_at, changed.buyer_confirmed_by) == ("", None, None)
    assert {notice.recipient for notice in Notification.objects.all()} == {buyer, supplier}
    assert confirm(contract, Side.SUPPLIER, supplier).state == "draft"


def test_saving_the_same_again_takes_nothing_back(contract, buyer):
    confirm(contract, Side.BUYER, buyer)
    rows = list(contract.milestones.values("title", "deliverable", "due_on", "payment"))
    kept = change(contract, buyer, milestones=rows, title=contract.title, amount=Decimal("100.00"))
    assert kept.buyer_confirmed_at is not None
    assert not AuditEvent.objects.filter(action="contract.change").exists()


def test_nobody_writes_over_what_the_other_side_saved_meanwhile(contract, buyer, supplier):
    read = text_hash(contract, list(contract.milestones.all()))
    change(contract, supplier, title="研发方改过的名称")
    with pytest.raises(ChangedMeanwhile):
        change_contract(
            contract=contract, values={"title": "旧名称"}, milestones=None, by=buyer, at=timezone.now(), read_hash=read
        )
    contract.refresh_from_db()
    assert contract.title == "研发方改过的名称"


def test_other_milestones_are_a_change(contract, buyer, supplier):
    confirm(contract, Side.SUPPLIER, supplier)
    row = {"title": "样件", "deliverable": "三套", "due_on": TODAY() + timedelta(days=30), "payment": Decimal(40)}
    changed = change(contract, buyer, milestones=[row, {**row, "title": "验证", "payment": Decimal(60)}])
    assert changed.supplier_confirmed_at is None
    assert [(m.position, m.title) for m in contract.milestones.all()] == [(1, "样件"), (2, "验证")]


def test_what_the_platform_keeps_is_not_content(contract, buyer):
    with pytest.raises(TypeError, match="state"):
        change(contract, buyer, state="signed")


def test_who_read_another_text_is_asked_to_read_again(contract, buyer, supplier):
    read = text_hash(contract, list(contract.milestones.all()))
    change(contract, supplier, title="改名")
    with pytest.raises(WrongState):
        confirm(contract, Side.BUYER, buyer, read_hash=read)


def test_a_party_renamed_after_the_first_confirmation_makes_it_void(contract, buyer, supplier, university):
    confirm(contract, Side.BUYER, buyer)
    university.name = "示例更名大学"
    university.save()
    second = confirm(contract, Side.SUPPLIER, supplier)
    assert (second.state, second.buyer_confirmed_at) == ("draft", None)
    assert confirm(contract, Side.BUYER, buyer).state == "signed"


def test_the_text_that_was_signed_is_kept_word_for_word(contract, buyer, supplier, university, client_of):
    """A party renamed afterwards changes neither the record nor the printed contract."""
    confirm(contract, Side.BUYER, buyer)
    signed = confirm(contract, Side.SUPPLIER, supplier)
    assert hashlib.sha256(signed.signed_text.encode()).hexdigest() == signed.confirmed_hash
    signed_as = university.name
    university.name = "示例更名大学"
    university.save()
    page = client_of(buyer).get(reverse("contracts:print", args=[signed.code])).content.decode()
    assert signed_as in page
    assert signed.confirmed_hash in page


# --- The hash --------------------------------------------------------------------------------------------------


def test_the_hash_is_of_the_content_and_not_of_how_it_was_typed(contract):
    rows = list(contract.milestones.all())
    before = text_hash(contract, rows)
    contract.amount = Decimal("100.00")
    contract.clauses = dict(reversed(contract.clauses.items()))
    assert text_hash(contract, rows) == before
    assert len(before) == 64


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "别的"),
        ("kind", "service"),
        ("amount", Decimal(1)),
        ("payment_mode", "royalty"),
        ("royalty_percent", Decimal(3)),
        ("rights_owner", "buyer"),
        ("rights_sharing", "各半"),
        ("clauses", {}),
        ("funding_order", "funding_first"),
        ("ends_on", date(2030, 1, 1)),
    ],
)
def test_every_term_is_in_the_hash(name, value, contract):
    rows = list(contract.milestones.all())
    before = text_hash(contract, rows)
    setattr(contract, name, value)
    assert text_hash(contract, rows) != before


@pytest.mark.parametrize("name", ["title", "deliverable", "payment"])
def test_every_milestone_is_in_the_hash(name, contract):
    rows = list(contract.milestones.all())
    before = text_hash(contract, rows)
    setattr(rows[0], name, Decimal(7) if name == "payment" else "别的")
    assert text_hash(contract, rows) != before


# --- What is missing -------------------------------------------------------------------------------------------


def test_an_empty_draft_names_everything_it_misses(enterprise, university):
    contract = ContractFactory(supplier=university)
    found = lacks(contract)
    assert len([line for line in found if "第八百四十五条" in line]) == 7
    for word in ("合同类型", "支付方式", "知识产权归属", "里程碑", "开始日期"):
        assert any(word in line for line in found), word


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"kind": ""}, "合同类型"),
        ({"payment_mode": ""}, "支付方式"),
        ({"rights_owner": ""}, "知识产权归属"),
        ({"amount": None}, "合同金额"),
        ({"amount": Decimal(99)}, "不一致"),
        ({"payment_mode": "lump_sum", "amount": Decimal(99)}, "不一致"),
        ({"payment_mode": "royalty"}, "提成比例"),
        ({"payment_mode": "royalty", "royalty_percent": Decimal(3)}, "提成基数"),
        (
            {"payment_mode": "entry_fee_and_royalty", "royalty_percent": Decimal(3), "royalty_base": "新增销售额"},
            "入门费",
        ),
        ({"payment_mode": "royalty", "royalty_percent": Decimal(3), "royalty_base": "新增销售额"}, "清空合同金额"),
        ({"entry_fee": Decimal(20)}, "清空入门费"),
        ({"royalty_percent": Decimal(3)}, "清空提成比例"),
        ({"starts_on": None}, "开始日期"),
        ({"ends_on": timedelta(days=-1)}, "结束日期早于开始日期"),
        ({"ends_on": timedelta(days=10)}, "晚于结束日期"),
        ({"starts_on": timedelta(days=100)}, "早于开始日期"),
        ({"funding_order": "funding_first"}, "资助立项"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_confirmed(values, word, contract, buyer):
    change(contract, buyer, **values)
    with pytest.raises(NotReady) as refusal:
        confirm(contract, Side.BUYER, buyer)
    assert any(word in reason for reason in refusal.value.reasons)
    contract.refresh_from_db()
    assert contract.buyer_confirmed_at is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"payment_mode": "royalty", "amount": None, "royalty_percent": Decimal(3), "royalty_base": "新增销售额"},
        {
            "payment_mode": "entry_fee_and_royalty",
            "amount": None,
            "entry_fee": Decimal(20),
            "royalty_percent": Decimal(3),
            "royalty_base": "新增销售额",
        },
        {"funding_order": "contract_first"},
        {"ends_on": timedelta(days=90)},
    ],
)
def test_every_way_to_pay_can_be_signed(values, contract, buyer):
    assert lacks(change(contract, buyer, **values)) == []


def test_milestones_stand_in_the_order_of_their_days(contract):
    MilestoneFactory(contract=contract, position=2, payment=None, due_on=TODAY() + timedelta(days=30))
    assert any("先后" in line for line in lacks(contract))


def test_a_party_that_is_not_verified_signs_nothing(contract, university):
    university.state = "refused"
    university.refusal_reason = "资料不一致"
    university.save()
    contract.supplier.refresh_from_db()
    assert any(university.name in line for line in lacks(contract))


# --- The order of signing and funding ------------------------------------------------------------------------


def fund(contract: Contract, by: Any, **options: Any) -> Contract:
    return record_funding(
        contract=contract,
        **{"amount": Decimal(50), "decided_on": TODAY(), "reference": "示例科计〔2026〕1 号", **options},
        by=by,
        at=timezone.now(),
    )


def test_funding_first_the_contract_is_signed_after_the_decision(contract, buyer, supplier):
    change(contract, buyer, funding_order="funding_first")
    with pytest.raises(NotReady):
        confirm(contract, Side.BUYER, buyer)
    fund(contract, buyer)
    confirm(contract, Side.BUYER, buyer)
    assert confirm(contract, Side.SUPPLIER, supplier).state == "signed"


def test_contract_first_the_decision_is_recorded_after_signing(contract, buyer, supplier):
    change(contract, buyer, funding_order="contract_first")
    confirm(contract, Side.BUYER, buyer)
    confirm(contract, Side.SUPPLIER, supplier)
    funded = fund(contract, buyer)
    assert (funded.state, funded.funding_amount) == ("signed", Decimal(50))
    assert text_hash(funded, list(funded.milestones.all())) == funded.confirmed_hash


def test_the_decision_takes_no_confirmation_back(contract, buyer, operator):
    change(contract, buyer, funding_order="contract_first")
    confirm(contract, Side.BUYER, buyer)
    assert fund(contract, operator).buyer_confirmed_at is not None


@pytest.mark.parametrize("who", ["supplier", "colleague", "outsider"])
def test_others_record_no_funding(who, contract, buyer, request):
    change(contract, buyer, funding_order="funding_first")
    with pytest.raises(Denied):
        fund(contract, request.getfixturevalue(who))


def test_funding_is_recorded_once_and_only_where_agreed_and_not_for_tomorrow(contract, buyer):
    with pytest.raises(WrongState):
        fund(contract, buyer)
    change(contract, buyer, funding_order="funding_first")
    with pytest.raises(NotReady):
        fund(contract, buyer, decided_on=TODAY() + timedelta(days=1))
    fund(contract, buyer)
    with pytest.raises(WrongState):
        fund(contract, buyer)


# --- What the database holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"supplier_confirmed_at": None, "supplier_confirmed_by": None},
        {"buyer_confirmed_by": None},
        {"signed_at": None},
        {"kind": ""},
        {"funding_order": "funding_first"},
        {"state": "rejected"},
        {"state": "accepted"},
        {"state": "solved"},
        {"state": "terminated"},
        {"terminate_reason": "无"},
        {"amount": Decimal(-1)},
        {"royalty_percent": Decimal(101)},
    ],
)
def test_the_database_refuses_what_no_verb_would_write(values):
    contract = ContractFactory(signed=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(**values)
