"""An organisation and its verification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Membership, is_operator
from accounts.organisation.kinds import DEMAND_SIDE, SUPPLY_SIDE, OrganisationKind
from accounts.organisation.workflow import VERIFICATION, VerificationState
from lib.codes import new_code
from lib.industries import industry_name
from lib.regions import region_name
from lib.transitions import Lifecycle

if TYPE_CHECKING:
    from accounts.person.models import Anyone


def new_organisation_code() -> str:
    return new_code("O")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def verified(self) -> Self:
        return self.filter(state=VerificationState.VERIFIED)

    def awaiting_verification(self) -> Self:
        return self.filter(state=VerificationState.PENDING)

    def visible_to(self, user: Anyone | None) -> Self:
        """Verified organisations are public; others show to their members and to operators."""
        if user is None or not user.is_authenticated:
            return self.verified()
        if is_operator(user):
            return self
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.filter(Q(state=VerificationState.VERIFIED) | Q(pk__in=mine))


class Organisation(models.Model):
    code = models.CharField(_("机构编号"), max_length=10, unique=True, default=new_organisation_code)
    name = models.CharField(_("机构名称"), max_length=120)
    kind = models.CharField(_("机构类型"), max_length=20, choices=OrganisationKind)
    # 18 characters, GB 32100-2015; empty is stored as NULL so that the unique constraint ignores it
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, null=True, blank=True)
    region_code = models.CharField(_("所在地区"), max_length=6, blank=True)  # GB/T 2260
    industry = models.CharField(_("所属行业"), max_length=3, blank=True)  # GB/T 4754 division, e.g. C34
    introduction = models.TextField(_("简介"), max_length=2000, blank=True)
    website = models.URLField(_("网站"), blank=True)
    state = models.CharField(
        _("核验状态"),
        max_length=10,
        choices=VerificationState,
        default=VerificationState.PENDING,
    )
    decided_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    refusal_reason = models.TextField(_("未通过原因"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=timezone.now)

    lifecycle = Lifecycle(VERIFICATION, "organisation.{}")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        constraints = [
            # People share names; firms and institutions here do not.
            models.UniqueConstraint(
                fields=["name"],
                condition=~Q(kind="individual"),
                name="organisation_name_unique",
            ),
            models.CheckConstraint(
                name="organisation_decision_has_time_and_person",
                condition=Q(state="pending", decided_at=None, decided_by=None)
                | Q(state__in=["verified", "refused"], decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="organisation_refusal_has_reason",
                condition=Q(state="refused") & ~Q(refusal_reason="") | ~Q(state="refused") & Q(refusal_reason=""),
            ),
            models.CheckConstraint(name="organisation_credit_code_not_empty", condition=~Q(credit_code="")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounts:organisation-detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.name

    @property
    def region_name(self) -> str:
        """In the active language; empty when none is given."""
        return region_name(self.region_code)

    @property
    def industry_name(self) -> str:
        """In the active language; empty when none is given."""
        return industry_name(self.industry)

    @property
    def is_individual(self) -> bool:
        return self.kind == OrganisationKind.INDIVIDUAL

    @property
    def is_verified(self) -> bool:
        return self.state == VerificationState.VERIFIED

    @property
    def is_demand_side(self) -> bool:
        """May pose technical needs."""
        return self.kind in DEMAND_SIDE

    @property
    def is_supply_side(self) -> bool:
        """May publish outputs."""
        return self.kind in SUPPLY_SIDE

    @property
    def is_operator(self) -> bool:
        return self.kind == OrganisationKind.OPERATOR and self.is_verified
