"""Who may do what to a contract and its files. Its sides are the need's organisation (甲方) and the supplier (乙方)."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import Membership, MembershipQuerySet, User, is_operator
from contracts.contract.workflow import CONTRACT_ACTIONS, ContractState
from contracts.models import Contract, ContractAttachment, MilestoneAttachment, Side
from lib.refusals import Denied, WrongState

# What the words in the tables' column "actor" mean here.
ACTOR_OF = {Side.BUYER: "owner", Side.SUPPLIER: "supplier"}


def sides_of(user: User | AnonymousUser, contract: Contract) -> frozenset[Side]:
    """The sides whose active member `user` is; readers included. Usually one, rarely both."""
    return _sides(Membership.objects.active(), user, contract)


def writing_sides(user: User | AnonymousUser, contract: Contract) -> frozenset[Side]:
    """The sides for which `user` may write."""
    return _sides(Membership.objects.writing(), user, contract)


def check_side(user: User, contract: Contract, side: Side) -> None:
    """`user` must write for `side`."""
    if side not in writing_sides(user, contract):
        if side == Side.BUYER:
            raise Denied(_("只有需求方有权操作的成员可以进行此操作。"))
        raise Denied(_("只有研发方有权操作的成员可以进行此操作。"))


def check_either_side(user: User, contract: Contract) -> Side:
    """The side `user` writes for; the buyer's where somebody writes for both."""
    sides = writing_sides(user, contract)
    if not sides:
        raise Denied(_("只有合同双方有权操作的成员可以进行此操作。"))
    return min(sides)


def allowed_contract_actions(*, user: User, contract: Contract) -> frozenset[str]:
    """What `user` may do to `contract` now: names of CONTRACT_ACTIONS; and fund, pay, attach, rate, write_case.

    For its milestones and its success case see those rooms. Whether a confirmation still misses something is not asked.
    """
    sides = writing_sides(user, contract)
    actors = {ACTOR_OF[side] for side in sides}
    if is_operator(user):
        actors.add("operator")
    actions = {
        name
        for name, transition in CONTRACT_ACTIONS.items()
        if transition.actors & actors and contract.state in transition.sources
    }
    if sides and not _unconfirmed(contract, sides):
        actions.discard("confirm")
    not_ended = contract.state != ContractState.TERMINATED
    if not_ended and contract.awaits_funding and actors & {"owner", "operator"}:
        actions.add("fund")
    if contract.is_binding and Side.BUYER in sides:
        actions.add("pay")
    if not_ended and sides:
        actions.add("attach")
    if sides and contract.is_ratable:
        actions.add("rate")
    if sides and contract.state == ContractState.SOLVED:
        actions.add("write_case")
    return frozenset(actions)


def reads_file(user: User | AnonymousUser, attachment: ContractAttachment | MilestoneAttachment) -> bool:
    """Whoever may see the contract reads its files and those of its milestones."""
    return isinstance(user, User) and Contract.objects.visible_to(user).filter(pk=attachment.contract.pk).exists()


def check_file_removable(by: User, attachment: ContractAttachment | MilestoneAttachment) -> None:
    """Never: it has been put before the other side."""
    check_either_side(by, attachment.contract)
    raise WrongState(_("合同与里程碑的附件已提供给对方，不能移除。"))


def _sides(memberships: MembershipQuerySet, user: User | AnonymousUser, contract: Contract) -> frozenset[Side]:
    if not user.is_authenticated:
        return frozenset()
    owners = {contract.need.organisation_id: Side.BUYER, contract.supplier_id: Side.SUPPLIER}
    mine = memberships.filter(user=user, organisation__in=owners).values_list("organisation", flat=True)
    return frozenset(owners[pk] for pk in mine)


def _unconfirmed(contract: Contract, sides: frozenset[Side]) -> frozenset[Side]:
    confirmed = {Side.BUYER: contract.buyer_confirmed_at, Side.SUPPLIER: contract.supplier_confirmed_at}
    return frozenset(side for side in sides if confirmed[side] is None)
