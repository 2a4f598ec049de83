"""What others have to know about profiles of institutions."""

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import OrganisationKind
from lib.fields import clean
from solutions.institution.fields import PROFILE
from solutions.institution.models import InstitutionDetail
from solutions.output.queries import published_outputs_of
from solutions.solution.kind import Kind
from solutions.solution.models import Solution

OUTPUTS_SHOWN = 10
# Those with something to show beyond single outputs.
PROFILE_KINDS = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.INSTITUTE,
        OrganisationKind.SERVICE_PROVIDER,
        OrganisationKind.ALLIANCE,
    }
)


def _page(profile: Solution) -> dict[str, Any]:
    outputs = published_outputs_of(profile.organisation)
    return {
        "institution": profile.institution,
        "outputs": outputs[:OUTPUTS_SHOWN],
        "output_count": outputs.count(),
    }


INSTITUTION = Kind(
    code="institution",
    label=_("机构画像"),
    plural=_("高校院所"),
    detail=InstitutionDetail,
    fields=PROFILE,
    clean=partial(clean, PROFILE),
    urls="solutions.institution.urls",
    api_urls="solutions.institution.api_urls",
    list_url="solutions:institution-list",
    own_url="solutions:profile-edit",
    edit_url=lambda _profile: reverse("solutions:profile-edit"),
    template="solutions/institution/institution_detail.html",
    page=_page,
    is_for=lambda organisation: organisation.kind in PROFILE_KINDS,
    not_for=_("机构画像适用于高校、科研院所、服务商和联盟。"),
    one_per_organisation=True,
    invitation_template="solutions/institution/_invitation.html",
)
