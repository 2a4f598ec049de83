"""Who may do what with outputs and profiles. Reading is `Solution.objects.visible_to`."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, OrganisationKind, User
from accounts.permissions import Denied, check_writes_for

# Those with something to show beyond single outputs.
PROFILE_KINDS = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.INSTITUTE,
        OrganisationKind.SERVICE_PROVIDER,
        OrganisationKind.ALLIANCE,
    }
)


def check_profiles(user: User | AnonymousUser, organisation: Organisation) -> None:
    """`user` may write the profile of `organisation`."""
    check_writes_for(user, organisation)
    if organisation.kind not in PROFILE_KINDS:
        raise Denied(_("机构画像适用于高校、科研院所、服务商和联盟。"))


def can_profile(membership: Membership | None) -> bool:
    """For templates: whether this membership may write its organisation's profile."""
    return membership is not None and membership.can_write and membership.organisation.kind in PROFILE_KINDS
