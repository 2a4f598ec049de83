"""A technology contract with its milestones, payments, outcome and success case.

The five kinds are those of art. 843 of the Civil Code, the clauses those of art. 845, the ways to pay those of 846.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.codes import new_code
from accounts.models import Membership, Organisation
from accounts.models.organisation import is_broker_now, is_operator
from needs.models.attachment import Attachment
from needs.models.bid import Bid
from needs.models.need import Need
from needs.workflow import BINDING, CaseState, ContractState, MilestoneState
from solutions.models import Solution
from solutions.models.indicator import plain

if TYPE_CHECKING:
    from accounts.models import User


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

    def visible_to(self, user: User | None) -> Self:
        """Both parties' members, the need's caretaker, operators.

        Caretakers and operators not where an organisation of their own bid against the supplier: the contract says the
        winner's price and plan.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user).values("organisation")
        party = Q(need__organisation__in=mine) | Q(supplier__in=mine)
        cares = Q() if is_operator(user) else Q(need__caretaker=user) & Q(is_broker_now(user))
        contested = Bid.objects.by_organisations_of(user).values("challenge")
        return self.filter(party | cares & (Q(bid=None) | ~Q(bid__challenge__in=contested)))


class Contract(models.Model):
    """Between the need's organisation (甲方) and a supplier (乙方); from an awarded bid or from a contact."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_contract_code)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="contracts")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contracts_supplied")
    bid = models.OneToOneField(Bid, on_delete=models.PROTECT, null=True, blank=True, related_name="contract")
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
    # The text both confirmed, word for word (needs.contract_text.canonical): the hash would be worth little without it.
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
        return reverse("needs:contract-detail", args=[self.code])

    @property
    def buyer(self) -> Organisation:
        return self.need.organisation

    @property
    def is_binding(self) -> bool:
        return self.state in BINDING

    @property
    def is_development(self) -> bool:
        """技术开发: commissioned or joint."""
        return self.kind in {ContractKind.COMMISSIONED_DEVELOPMENT, ContractKind.JOINT_DEVELOPMENT}

    @property
    def awaits_funding(self) -> bool:
        """Public funding was agreed on and its decision is not recorded yet."""
        return self.funding_order != FundingOrder.NONE and self.funding_decided_on is None


class Milestone(models.Model):
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("里程碑"), max_length=120)
    deliverable = models.TextField(_("交付物与验收要求"), max_length=3000, blank=True)
    due_on = models.DateField(_("到期日"))
    # 万元 due when this milestone is accepted
    payment = models.DecimalField(_("应付款（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=MilestoneState, default=MilestoneState.PLANNED)
    delivered_at = models.DateTimeField(_("交付时间"), null=True, blank=True)
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delivery_note = models.TextField(_("交付说明"), max_length=5000, blank=True)
    return_reason = models.TextField(_("退回原因"), max_length=2000, blank=True)
    accepted_at = models.DateTimeField(_("通过时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("里程碑")
        verbose_name_plural = _("里程碑")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "position"], name="milestone_once_per_position"),
            models.CheckConstraint(
                name="milestone_delivered_at_with_by",
                condition=Q(state="planned") | Q(delivered_at__isnull=False, delivered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_returned_says_why", condition=~Q(state="returned") | ~Q(return_reason="")
            ),
            models.CheckConstraint(
                name="milestone_accepted_at_with_by",
                condition=Q(state="accepted", accepted_at__isnull=False, accepted_by__isnull=False)
                | ~Q(state="accepted") & Q(accepted_at=None, accepted_by=None),
            ),
            models.CheckConstraint(
                name="milestone_payment_not_negative", condition=Q(payment=None) | Q(payment__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PaymentKind(models.TextChoices):
    INSTALMENT = "instalment", _("合同款")
    ENTRY_FEE = "entry_fee", _("入门费")
    ROYALTY = "royalty", _("提成")
    CORRECTION = "correction", _("更正")


class Payment(models.Model):
    """A line of the ledger: money that moved outside the platform. Lines are added, never changed."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="payments")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="payments")
    kind = models.CharField(_("款项"), max_length=10, choices=PaymentKind)
    # Of a correction: the kind of line it puts right, so that it counts among those.
    corrects = models.CharField(_("更正的款项"), max_length=10, choices=PaymentKind, blank=True)
    amount = models.DecimalField(_("金额（万元）"), max_digits=12, decimal_places=2)  # corrections may be negative
    paid_on = models.DateField(_("付款日期"))
    note = models.CharField(_("备注"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("付款记录")
        verbose_name_plural = _("付款记录")
        constraints = [
            models.CheckConstraint(
                name="payment_positive_but_corrections",
                condition=Q(amount__gt=0) | Q(kind="correction") & ~Q(amount=0) & ~Q(note=""),
            ),
            models.CheckConstraint(
                name="payment_correction_says_of_what",
                condition=Q(kind="correction", corrects__in=["instalment", "entry_fee", "royalty"])
                | ~Q(kind="correction") & Q(corrects=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"

    @property
    def counts_as(self) -> str:
        """The PaymentKind among which the line adds up: a correction stands beside what it corrects."""
        return self.corrects or self.kind


class OutcomeFigure(models.Model):
    """One number before and after, with its evidence: what "solved" means here."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="figures")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("指标"), max_length=60)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    before = models.DecimalField(_("实施前"), max_digits=20, decimal_places=6)
    after = models.DecimalField(_("实施后"), max_digits=20, decimal_places=6)
    evidence = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("证明材料")
    )

    class Meta:
        verbose_name = _("成效数据")
        verbose_name_plural = _("成效数据")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def before_said(self) -> str:
        """Without the zeros the database fills up with."""
        return plain(self.before)

    @property
    def after_said(self) -> str:
        return plain(self.after)

    @property
    def change_percent(self) -> Decimal | None:
        """How much more or less than before, in percent of it; None from zero."""
        return round((self.after - self.before) / abs(self.before) * 100, 1) if self.before else None


def new_case_code() -> str:
    return new_code("E")


class SuccessCase(models.Model):
    """What both sides let everybody read about a solved need."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_case_code)
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="case")
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("正文"), max_length=10_000)
    state = models.CharField(_("状态"), max_length=9, choices=CaseState, default=CaseState.DRAFT)
    written_at = models.DateTimeField(_("撰写时间"), default=timezone.now)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    buyer_approved_at = models.DateTimeField(_("需求方同意时间"), null=True, blank=True)
    supplier_approved_at = models.DateTimeField(_("研发方同意时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("公开时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("成功案例")
        verbose_name_plural = _("成功案例")
        constraints = [
            models.CheckConstraint(
                name="case_public_only_when_both_agreed",
                condition=Q(state="draft", published_at=None)
                | Q(
                    state="published",
                    published_at__isnull=False,
                    buyer_approved_at__isnull=False,
                    supplier_approved_at__isnull=False,
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("needs:case-detail", args=[self.code])


class Side(models.TextChoices):
    BUYER = "buyer", _("需求方")
    SUPPLIER = "supplier", _("研发方")


class Remark(models.TextChoices):
    """What a rating may name, good or bad."""

    ON_TIME = "on_time", _("按期履约")
    COMMUNICATION = "communication", _("沟通顺畅")
    QUALITY = "quality", _("质量可靠")
    PROFESSIONAL = "professional", _("专业能力强")
    LATE = "late", _("进度拖延")
    UNCLEAR = "unclear", _("要求或说明不清")
    PAYMENT = "payment", _("付款不及时")
    BELOW_PROMISE = "below_promise", _("未达承诺")


class Rating(models.Model):
    """What one side of a contract says of the other, 1 to 5. Shown once both have spoken: nobody answers a rating."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="ratings")
    side = models.CharField(_("评价方"), max_length=8, choices=Side)
    stars = models.PositiveSmallIntegerField(_("评分"))
    # names of what went well or badly
    remarks = ArrayField(models.CharField(max_length=20), verbose_name=_("评价要点"), default=list, blank=True)
    comment = models.TextField(_("评价"), max_length=2000, blank=True)
    rated_at = models.DateTimeField(_("评价时间"), default=timezone.now)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("互评")
        verbose_name_plural = _("互评")
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="rating_once_per_side"),
            models.CheckConstraint(name="rating_one_to_five", condition=Q(stars__gte=1, stars__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.stars}"

    @property
    def remark_labels(self) -> list[str]:
        return [str(Remark(name).label) for name in self.remarks]
