"""Contracts, milestones and success cases: every action of the tables from every state and by every role."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.permissions import Denied
from contracts.contract import actions as contracts
from contracts.contract.permissions import (
    allowed_contract_actions,
    writing_sides,
)
from contracts.contract.workflow import CONTRACT_ACTIONS, ContractState
from contracts.delivery import actions as delivery
from contracts.delivery.permissions import milestone_actions
from contracts.delivery.workflow import MILESTONE_ACTIONS, MilestoneState
from contracts.models import (
    Contract,
    ContractAttachment,
    Milestone,
    Side,
    SuccessCase,
)
from contracts.outcome import actions as outcomes
from contracts.outcome.permissions import allowed_case_actions
from contracts.outcome.workflow import CASE_ACTIONS, CaseState
from lib.refusals import WrongState
from tests.factories.contracts import MilestoneFactory, in_state
from tests.factories.needs import NeedFactory

STATES = [state.value for state in ContractState]
ROLES = ("buyer", "supplier", "colleague", "outsider", "operator")
IS = {"buyer": "owner", "supplier": "supplier", "operator": "operator"}


def evidence_of(contract: Contract) -> ContractAttachment:
    return ContractAttachment.objects.create(
        contract=contract,
        file="00/" + "0" * 32,
        name="检测报告.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        uploaded_by=contract.created_by,
    )


@pytest.fixture
def contract_in(enterprise, university) -> Callable[..., Contract]:
    """A contract of the enterprise and the university, with one milestone that adds up, complete enough for all."""

    def made(state: str, **fields: Any) -> Contract:
        need = NeedFactory(organisation=enterprise, published=True)
        ready = {"ready": True} if state == "draft" else {}
        contract = in_state(state, need=need, supplier=university, **ready, **fields)
        MilestoneFactory(contract=contract, accepted=state not in {"draft", "terminated"})
        return contract

    return made


def act(action: str, contract: Contract, by: User, side: Side = Side.BUYER) -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "change": lambda: contracts.change_contract(
            contract=contract, values={"title": "新名称"}, milestones=None, by=by, at=now
        ),
        "confirm": lambda: contracts.confirm_contract(contract=contract, side=side, by=by, at=now),
        "reject": lambda: delivery.reject_contract(contract=contract, reason="寿命未达到", by=by, at=now),
        "resume": lambda: delivery.resume_contract(contract=contract, by=by, at=now),
        "accept": lambda: delivery.accept_contract(contract=contract, note="全部达到", by=by, at=now),
        "solve": lambda: outcomes.confirm_solved(
            contract=contract,
            figures=[
                {
                    "name": "寿命",
                    "unit": "h",
                    "before": Decimal(800),
                    "after": Decimal(2000),
                    "evidence": evidence_of(contract),
                }
            ],
            by=by,
            at=now,
        ),
        "terminate": lambda: contracts.terminate_contract(contract=contract, reason="协商一致", by=by, at=now),
    }
    return steps[action]()


# "sign" is the second confirmation: tests/contracts/contract/test_contract_signing.py.
ACTIONS = {name: step for name, step in CONTRACT_ACTIONS.items() if name != "sign"}
MATRIX = [
    (action, state, role) for action in ACTIONS for state in STATES for role in ROLES
]  # fmt: skip


def may(action: str, state: str, role: str) -> bool:
    step = CONTRACT_ACTIONS[action]
    return state in step.sources and IS.get(role) in step.actors


@pytest.mark.parametrize(("action", "state", "role"), MATRIX)
def test_an_action_is_done_by_whose_turn_it_is_and_by_nobody_else(action, state, role, contract_in, request):
    contract = contract_in(state)
    person = request.getfixturevalue(role)
    side = Side.SUPPLIER if role == "supplier" else Side.BUYER
    if may(action, state, role):
        act(action, contract, person, side)
        contract.refresh_from_db()
        assert contract.state == CONTRACT_ACTIONS[action].target
        trail = AuditEvent.objects.get(action=f"contract.{action}")
        assert (trail.from_state, trail.to_state) == (state, contract.state)
        return
    is_party = IS.get(role) in CONTRACT_ACTIONS[action].actors
    with pytest.raises(WrongState if is_party else Denied):
        act(action, contract, person, side)
    contract.refresh_from_db()
    assert contract.state == state
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_pages_offer_exactly_the_actions_of_the_table(state, role, contract_in, request):
    contract = contract_in(state)
    offered = allowed_contract_actions(user=request.getfixturevalue(role), contract=contract)
    assert offered & set(CONTRACT_ACTIONS) == {action for action in ACTIONS if may(action, state, role)}


@pytest.mark.parametrize("role", ["outsider", "newcomer"])
def test_an_outsider_sees_no_contract(role, contract_in, request):
    contract_in("signed")
    assert not Contract.objects.visible_to(request.getfixturevalue(role)).exists()


@pytest.mark.parametrize("role", ["buyer", "colleague", "supplier", "operator"])
def test_the_parties_and_operators_see_it(role, contract_in, request):
    contract = contract_in("signed")
    assert list(Contract.objects.visible_to(request.getfixturevalue(role))) == [contract]


# --- Milestones ------------------------------------------------------------------------------------------------


def handle(action: str, milestone: Milestone, by: User) -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "deliver": lambda: delivery.deliver_milestone(milestone=milestone, note="样件", by=by, at=now),
        "accept": lambda: delivery.accept_milestone(milestone=milestone, by=by, at=now),
        "return": lambda: delivery.return_milestone(milestone=milestone, reason="缺报告", by=by, at=now),
    }
    return steps[action]()


def milestone_in(state: str, contract: Contract) -> Milestone:
    return MilestoneFactory(contract=contract, **({} if state == "planned" else {state: True}))


@pytest.mark.parametrize("action", list(MILESTONE_ACTIONS))
@pytest.mark.parametrize("state", [state.value for state in MilestoneState])
@pytest.mark.parametrize("role", ROLES)
def test_a_milestone_is_delivered_and_judged_by_whose_turn_it_is(action, state, role, contract_in, request):
    milestone = milestone_in(state, contract_in("signed"))
    person, step = request.getfixturevalue(role), MILESTONE_ACTIONS[action]
    is_turn = IS.get(role) in step.actors
    offered = milestone_actions(writing_sides(person, milestone.contract), contract=milestone.contract, state=state)
    assert (action in offered) == (is_turn and state in step.sources)
    if action in offered:
        handle(action, milestone, person)
        milestone.refresh_from_db()
        assert milestone.state == step.target
        return
    with pytest.raises(WrongState if is_turn else Denied):
        handle(action, milestone, person)
    milestone.refresh_from_db()
    assert milestone.state == state


@pytest.mark.parametrize("state", [state for state in STATES if state != "signed"])
def test_milestones_rest_unless_the_contract_is_under_way(state, contract_in, supplier, buyer):
    contract = contract_in(state)
    for of_milestone, action, person in (
        ("planned", "deliver", supplier),
        ("delivered", "accept", buyer),
        ("delivered", "return", buyer),
    ):
        milestone = milestone_in(of_milestone, contract)
        with pytest.raises(WrongState):
            handle(action, milestone, person)
        assert not milestone_actions(writing_sides(person, contract), contract=contract, state=of_milestone)


# --- Success cases ---------------------------------------------------------------------------------------------


def case_in(state: str, contract: Contract) -> SuccessCase:
    now = timezone.now()
    published = {"state": state, "published_at": now, "buyer_approved_at": now, "supplier_approved_at": now}
    return SuccessCase.objects.create(
        contract=contract,
        title="示例案例",
        text="正文",
        written_by=contract.created_by,
        **(published if state == "published" else {}),
    )


def tell(action: str, case: SuccessCase, by: User, side: Side) -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "change": lambda: outcomes.write_case(contract=case.contract, title="新", text="新", by=by, at=now),
        "approve": lambda: outcomes.approve_case(case=case, side=side, by=by, at=now),
        "withdraw": lambda: outcomes.withdraw_case(case=case, by=by, at=now),
    }
    return steps[action]()


@pytest.mark.parametrize("action", [name for name in CASE_ACTIONS if name != "publish"])
@pytest.mark.parametrize("state", [state.value for state in CaseState])
@pytest.mark.parametrize("role", ROLES)
def test_a_case_is_the_two_sides_and_nobody_elses(action, state, role, contract_in, request):
    case = case_in(state, contract_in("solved"))
    person, step = request.getfixturevalue(role), CASE_ACTIONS[action]
    side = Side.SUPPLIER if role == "supplier" else Side.BUYER
    is_turn = IS.get(role) in step.actors
    offered = allowed_case_actions(user=person, contract=case.contract, state=state)
    assert (action in offered) == (is_turn and state in step.sources)
    if action in offered:
        tell(action, case, person, side)
        case.refresh_from_db()
        assert case.state == step.target
        return
    with pytest.raises(WrongState if is_turn else Denied):
        tell(action, case, person, side)
    case.refresh_from_db()
    assert case.state == state
