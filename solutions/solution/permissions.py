"""Who may do what with outputs and profiles. Reading is `Solution.objects.visible_to`."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import Organisation, User, is_operator
from accounts.permissions import Denied, belongs_to, check_writes_for, writes_for
from solutions.institution.permissions import check_profiles
from solutions.models import Solution, SolutionKind


def check_offers(user: User | AnonymousUser, organisation: Organisation) -> None:
    """`user` may write outputs of `organisation`."""
    check_writes_for(user, organisation)
    if not organisation.is_supply_side:
        raise Denied(_("您所在的机构类型不能登记成果；高校、院所、企业、服务商和个人可以登记。"))


def check_edits(user: User | AnonymousUser, solution: Solution) -> None:
    if solution.kind == SolutionKind.OUTPUT:
        check_offers(user, solution.organisation)
    else:
        check_profiles(user, solution.organisation)


def can_edit(user: User | AnonymousUser, solution: Solution) -> bool:
    """For templates: whether to show the owner's buttons."""
    return writes_for(user, solution.organisation)


def sees_everything(user: User | AnonymousUser, solution: Solution) -> bool:
    """Non-public indicators and the way the entry went show to the owner's members and to operators."""
    return is_operator(user) or belongs_to(user, solution.organisation)
