"""Who may do what to organisations; and the questions every app above asks before something is done.

Each asks the database, in the transaction of the action. Pages and lists ask `accounts.viewer.Viewer`.
"""

from django.utils.translation import gettext as _

from accounts.models import Anyone, Membership, Organisation, User, is_operator
from lib.refusals import Denied


def check_operator(user: Anyone) -> None:
    if not is_operator(user):
        raise Denied(_("只有平台运营人员可以进行此操作。"))


def check_writes_for(user: Anyone, organisation: Organisation) -> None:
    """`user` must be an active member of `organisation` with a role that may write."""
    if not writes_for(user, organisation):
        raise Denied(_("您没有代表该机构操作的权限，请联系机构管理员。"))


def writes_for(user: Anyone, organisation: Organisation) -> bool:
    return user.is_authenticated and Membership.objects.writing().filter(user=user, organisation=organisation).exists()


def belongs_to(user: Anyone, organisation: Organisation) -> bool:
    return user.is_authenticated and Membership.objects.active().filter(user=user, organisation=organisation).exists()


def check_manages(user: User, organisation: Organisation) -> None:
    """`user` must be an active owner of `organisation`."""
    if not Membership.objects.owners().filter(user=user, organisation=organisation).exists():
        raise Denied(_("只有机构管理员可以管理机构信息与成员。"))


def check_verified(organisation: Organisation) -> None:
    """Submitting for review needs an organisation whose identity an operator has checked."""
    if not organisation.is_verified:
        raise Denied(_("机构通过核验后才能提交审核；核验进度见机构页面。"))


__all__ = [
    "Denied",
    "belongs_to",
    "check_manages",
    "check_operator",
    "check_verified",
    "check_writes_for",
    "writes_for",
]
