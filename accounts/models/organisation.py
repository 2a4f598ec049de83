"""An organisation, who belongs to it with which role, and invitations to join."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.codes import new_code
from accounts.industries import industry_name
from accounts.regions import region_name
from accounts.workflow import VerificationState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.user import User


def new_organisation_code() -> str:
    return new_code("O")


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


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


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def verified(self) -> Self:
        return self.filter(state=VerificationState.VERIFIED)

    def awaiting_verification(self) -> Self:
        return self.filter(state=VerificationState.PENDING)

    def visible_to(self, user: User | AnonymousUser | None) -> Self:
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


class Role(models.TextChoices):
    OWNER = (
        "owner",
        _("管理员"),
    )  # manages the organisation and its members, and all a member may do
    MEMBER = "member", _("成员")  # writes, submits, answers
    BROKER = (
        "broker",
        _("技术经理人"),
    )  # writes, submits, answers; may be a need's caretaker
    VIEWER = "viewer", _("只读成员")  # reads what the organisation sees


WRITING_ROLES = frozenset({Role.OWNER, Role.MEMBER, Role.BROKER})


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)

    def writing(self) -> Self:
        return self.active().filter(role__in=WRITING_ROLES)

    def owners(self) -> Self:
        return self.active().filter(role=Role.OWNER)

    def brokering(self) -> Self:
        """Of brokers of verified organisations: beside operators, those who may take care of others' needs."""
        return self.active().filter(role=Role.BROKER, organisation__state=VerificationState.VERIFIED)


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=10, choices=Role, default=Role.MEMBER)
    # Copied from the organisation's kind so that the database can hold "an individual has one member".
    sole = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("加入时间"), default=timezone.now)
    ended_at = models.DateTimeField(_("离开时间"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("成员关系")
        verbose_name_plural = _("成员关系")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(ended_at=None),
                name="membership_active_once_per_organisation",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(ended_at=None, sole=True),
                name="membership_individual_has_one_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    @property
    def can_write(self) -> bool:
        return self.ended_at is None and self.role in WRITING_ROLES


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: datetime) -> Self:
        """Not yet accepted and not expired; revoking an invitation lets it expire at once."""
        return self.filter(accepted_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """A link by which a person joins an organisation; used once, valid for some days."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("邮箱"))
    role = models.CharField(_("角色"), max_length=10, choices=Role, default=Role.MEMBER)
    token = models.CharField(max_length=40, unique=True, default=new_invitation_token)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("有效期至"))
    accepted_at = models.DateTimeField(_("接受时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")
        constraints = [
            models.CheckConstraint(
                name="invitation_accepted_at_with_by",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"


def is_broker_now(user: User) -> Exists:
    """A condition for filters: whoever was made a caretaker and left, or lost the role, takes care of nothing."""
    return Exists(Membership.objects.brokering().filter(user=user))


def is_operator(user: User | AnonymousUser) -> bool:
    """Whether `user` acts for the platform: an active writing member of a verified operator organisation.

    Asked several times a request, so the answer stays on the user object for that request's life.
    """
    if not user.is_authenticated:
        return False
    if user._is_operator is None:
        user._is_operator = (
            Membership.objects.writing()
            .filter(
                user=user,
                organisation__kind=OrganisationKind.OPERATOR,
                organisation__state=VerificationState.VERIFIED,
            )
            .exists()
        )
    return user._is_operator
