"""The kinds of organisations, and which of them pose needs or publish outputs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("企业")
    UNIVERSITY = "university", _("高校")
    INSTITUTE = "institute", _("科研院所")
    SERVICE_PROVIDER = "service_provider", _("服务商")
    FINANCE = "finance", _("金融机构")
    ALLIANCE = "alliance", _("联盟")
    GOVERNMENT = "government", _("政府部门")
    OPERATOR = "operator", _("平台运营方")
    INDIVIDUAL = "individual", _("个人")


# Who poses needs and who publishes outputs. A service provider or an individual may do either.
DEMAND_SIDE = frozenset(
    {
        OrganisationKind.ENTERPRISE,
        OrganisationKind.SERVICE_PROVIDER,
        OrganisationKind.INDIVIDUAL,
    }
)


SUPPLY_SIDE = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.INSTITUTE,
        OrganisationKind.SERVICE_PROVIDER,
        OrganisationKind.INDIVIDUAL,
        OrganisationKind.ENTERPRISE,
    }
)
