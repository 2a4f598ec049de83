"""A technology contract, its files and its two sides.

The five kinds are those of art. 843 of the Civil Code, the clauses those of art. 845, the ways to pay those of 846.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, is_broker_now, is_operator
from contracts.contract.workflow import BINDING, CONTRACT_ACTIONS, ContractState
from lib.codes import new_code
from lib.transitions import Lifecycle
from needs.models import Attachment, Need
from solutions.models import Solution


def new_contract_code() -> str:
    return new_code("K")


class ContractKind(models.TextChoices):
    """Art. 843 民法典; development is either commissioned or joint (art. 851)."""

    COMMISSIONED_DEVELOPMENT = "commissioned_development", _("技术开发（委托）合同")
    JOINT_DEVELOPMENT = "joint_development", _("技术开发（合作）合同")
    TRANSFER = "transfer", _("技术转让合同")
    LICENCE = "licence", _("技术许可合同")
    CONSULTING = "consulting", _("技术咨询合同")
    SERVICE = "service", _("技术服务合同")


class Clause(models.TextChoices):
    """The clauses of art. 845 民法典; all are answered before signing."""

    NAME = "name", _("项目名称")
    CONTENT = "content", _("标的的内容、范围和要求")
    PERFORMANCE = "performance", _("履行的计划、地点和方式")
    SECRECY = "secrecy", _("技术信息和资料的保密")
    RESULTS = "results", _("技术成果的归属和收益的分配办法")
    ACCEPTANCE = "acceptance", _("验收标准和方法")
    DEFINITIONS = "definitions", _("名词和术语的解释")


class PaymentMode(models.TextChoices):
    """Art. 846 民法典."""

    LUMP_SUM = "lump_sum", _("一次总算、一次总付")
    INSTALMENTS = "instalments", _("一次总算、分期支付")
    ROYALTY = "royalty", _("提成支付")
    ENTRY_FEE_AND_ROYALTY = "entry_fee_and_royalty", _("提成支付附加预付入门费")


class RightsOwner(models.TextChoices):
    BUYER = "buyer", _("归需求方")
    SUPPLIER = "supplier", _("归研发方")
    JOINT = "joint", _("双方共有")


class FundingOrder(models.TextChoices):
    """Places differ in whether the contract or the public funding decision comes first: nothing is hard-wired."""

    NONE = "none", _("无财政资助")
    CONTRACT_FIRST = "contract_first", _("先签约，后资助立项")
    FUNDING_FIRST = "funding_first", _("先资助立项，后签约")


class ContractQuerySet(models.QuerySet["Contract"]):
    def binding(self) -> Self:
        """Signed by both: the only ones whose money counts."""
        return self.filter(state__in=BINDING)

    def unterminated(self) -> Self:
        """The database holds one of these for a need and a supplier."""
        return self.exclude(state=ContractState.TERMINATED)

    def unfinished(self) -> Self:
        return self.exclude(state__in=[ContractState.SOLVED, ContractState.TERMINATED])

    def visible_to(self, user: Anyone | None) -> Self:
        """Both parties' members, the need's caretaker, operators.

        Caretakers and operators not where an organisation of their own bid against the supplier: the contract says the
        winner's price and plan.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user).values("organisation")
        party = Q(need__organisation__in=mine) | Q(supplier__in=mine)
        cares = Q() if is_operator(user) else Q(need__caretaker=user) & Q(is_broker_now(user))
        contested = Contract.objects.filter(bid__challenge__bids__organisation__in=mine).values("pk")
        return self.filter(party | cares & ~Q(pk__in=contested))


class Contract(models.Model):
    """Between the need's organisation (甲方) and a supplier (乙方). An awarded bid it came from names it."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_contract_code)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="contracts")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contracts_supplied")
    solution = models.ForeignKey(
        Solution, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("依托成果")
    )
    title = models.CharField(_("合同名称"), max_length=120)
    kind = models.CharField(_("合同类型"), max_length=24, choices=ContractKind, blank=True)
    amount = models.DecimalField(_("合同金额（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    payment_mode = models.CharField(_("支付方式"), max_length=21, choices=PaymentMode, blank=True)
    entry_fee = models.DecimalField(_("入门费（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    royalty_percent = models.DecimalField(_("提成比例（%）"), max_digits=5, decimal_places=2, null=True, blank=True)
    royalty_base = models.CharField(_("提成基数"), max_length=200, blank=True)  # e.g. 新增销售额
    rights_owner = models.CharField(_("知识产权归属"), max_length=8, choices=RightsOwner, blank=True)
    rights_sharing = models.TextField(_("收益分享约定"), max_length=3000, blank=True)
    clauses = models.JSONField(_("合同条款"), default=dict, blank=True)  # Clause → what was agreed
    funding_order = models.CharField(
        _("财政资助与签约次序"), max_length=14, choices=FundingOrder, default=FundingOrder.NONE
    )
    funding_amount = models.DecimalField(_("财政资助（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    funding_decided_on = models.DateField(_("资助立项日期"), null=True, blank=True)
    funding_reference = models.CharField(_("资助立项文号"), max_length=120, blank=True)
    starts_on = models.DateField(_("开始日期"), null=True, blank=True)
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)

    state = models.CharField(
        _("状态"), max_length=10, choices=ContractState, default=ContractState.DRAFT, db_index=True
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("更新时间"), default=timezone.now)
    # SHA-256 of what was confirmed: both sides confirm the same text, and a change takes back both.
    confirmed_hash = models.CharField(max_length=64, blank=True)
    buyer_confirmed_at = models.DateTimeField(_("需求方确认时间"), null=True, blank=True)
    buyer_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    supplier_confirmed_at = models.DateTimeField(_("研发方确认时间"), null=True, blank=True)
    supplier_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The text both confirmed, word for word (contracts.contract.text.canonical): the hash would be worth little without
    # it.
    signed_text = models.TextField(_("签约文本"), blank=True)
    signed_at = models.DateTimeField(_("签约时间"), null=True, blank=True)
    rejected_at = models.DateTimeField(_("验收不通过时间"), null=True, blank=True)
    reject_reason = models.TextField(_("验收不通过原因"), max_length=2000, blank=True)
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acceptance_note = models.TextField(_("验收意见"), max_length=5000, blank=True)
    solved_at = models.DateTimeField(_("确认解决时间"), null=True, blank=True)
    solved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    terminated_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    terminate_reason = models.TextField(_("终止原因"), max_length=2000, blank=True)

    objects = ContractQuerySet.as_manager()
    lifecycle = Lifecycle(CONTRACT_ACTIONS, audited_as="contract.{}")

    class Meta:
        verbose_name = _("技术合同")
        verbose_name_plural = _("技术合同")
        constraints = [
            models.UniqueConstraint(
                fields=["need", "supplier"],
                condition=~Q(state="terminated"),
                name="contract_one_per_need_and_supplier",
            ),
            models.CheckConstraint(
                name="contract_buyer_confirmed_at_with_by",
                condition=Q(buyer_confirmed_at=None, buyer_confirmed_by=None)
                | Q(buyer_confirmed_at__isnull=False, buyer_confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="contract_supplier_confirmed_at_with_by",
                condition=Q(supplier_confirmed_at=None, supplier_confirmed_by=None)
                | Q(supplier_confirmed_at__isnull=False, supplier_confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="contract_signed_by_both",
                condition=Q(state__in=["draft", "terminated"])
                | Q(
                    signed_at__isnull=False,
                    buyer_confirmed_at__isnull=False,
                    supplier_confirmed_at__isnull=False,
                    kind__gt="",
                    payment_mode__gt="",
                    rights_owner__gt="",
                ),
            ),
            models.CheckConstraint(
                name="contract_funded_before_signing_where_agreed",
                condition=Q(state__in=["draft", "terminated"])
                | ~Q(funding_order="funding_first")
                | Q(funding_decided_on__isnull=False),
            ),
            models.CheckConstraint(
                name="contract_rejected_says_why", condition=~Q(state="rejected") | ~Q(reject_reason="")
            ),
            models.CheckConstraint(
                name="contract_accepted_at_with_by",
                condition=Q(state__in=["accepted", "solved"], accepted_at__isnull=False, accepted_by__isnull=False)
                | ~Q(state__in=["accepted", "solved"]) & Q(accepted_at=None, accepted_by=None),
            ),
            models.CheckConstraint(
                name="contract_solved_at_with_by",
                condition=Q(state="solved", solved_at__isnull=False, solved_by__isnull=False)
                | ~Q(state="solved") & Q(solved_at=None, solved_by=None),
            ),
            models.CheckConstraint(
                name="contract_terminated_says_why",
                condition=Q(state="terminated", terminated_at__isnull=False) & ~Q(terminate_reason="")
                | ~Q(state="terminated") & Q(terminated_at=None, terminate_reason=""),
            ),
            models.CheckConstraint(
                name="contract_money_not_negative",
                condition=(Q(amount=None) | Q(amount__gte=0))
                & (Q(entry_fee=None) | Q(entry_fee__gte=0))
                & (Q(funding_amount=None) | Q(funding_amount__gte=0))
                & (Q(royalty_percent=None) | Q(royalty_percent__gt=0, royalty_percent__lte=100)),
            ),
        ]
        indexes = [models.Index(fields=["supplier", "-created_at"]), models.Index(fields=["state", "-signed_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("contracts:detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.need.title

    @property
    def buyer(self) -> Organisation:
        return self.need.organisation

    @property
    def is_binding(self) -> bool:
        return self.state in BINDING

    @property
    def is_ratable(self) -> bool:
        """Solved, or ended after both had signed."""
        ended = self.state == ContractState.TERMINATED and self.signed_at is not None
        return self.state == ContractState.SOLVED or ended

    @property
    def is_development(self) -> bool:
        """技术开发: commissioned or joint."""
        return self.kind in {ContractKind.COMMISSIONED_DEVELOPMENT, ContractKind.JOINT_DEVELOPMENT}

    @property
    def awaits_funding(self) -> bool:
        """Public funding was agreed on and its decision is not recorded yet."""
        return self.funding_order != FundingOrder.NONE and self.funding_decided_on is None


class ContractAttachment(Attachment):
    owner_field = "contract"

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False

    @property
    def audited(self) -> tuple[str, str]:
        return self.contract.code, self.contract.need.title

    def is_evidence(self) -> bool:
        """A figure before and after rests on it."""
        return self.figures.exists()


class Side(models.TextChoices):
    BUYER = "buyer", _("需求方")
    SUPPLIER = "supplier", _("研发方")
