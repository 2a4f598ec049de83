"""What both sides write into a contract, and the small forms of its way. Cleaning: `needs.validators_contracts`."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract import fields as validators
from contracts.models import (
    Clause,
    Contract,
    ContractKind,
    FundingOrder,
    Milestone,
    PaymentMode,
    RightsOwner,
)
from lib.form_fields import CleanedChoiceField, CleanedField
from lib.numbers import plain

# A short sentence of each clause as it may read: what to write, not what to agree on.
EXAMPLES = {
    Clause.NAME: _("例如：风电主轴轴承钢接触疲劳寿命提升技术开发。"),
    Clause.CONTENT: _(
        "例如：开发高纯净度轴承钢的冶炼与热处理工艺，接触疲劳寿命达到 2000 小时以上，交付工艺文件和样件。"
    ),
    Clause.PERFORMANCE: _("例如：在乙方实验室完成小试，在甲方现场完成中试，按里程碑分三个阶段进行，每月书面通报进度。"),
    Clause.SECRECY: _("例如：双方对相互提供的技术资料保密，保密期为合同终止后三年，法律另有规定的除外。"),
    Clause.RESULTS: _("例如：专利申请权归双方共有；甲方可自行实施，许可第三方实施的收益双方各半。"),
    Clause.ACCEPTANCE: _("例如：以第三方检测机构按约定标准出具的报告为准，甲方收到交付物后十五日内书面验收。"),
    Clause.DEFINITIONS: _("例如：“样件”指按图纸加工并完成热处理的整套轴承；没有需要解释的术语时写“无”。"),
}


def _line(cleaner: Any, label: Any, help_text: Any = "", **options: Any) -> CleanedField:
    return CleanedField(cleaner, label=label, help_text=help_text, **options)


def _field(name: str, label: Any, help_text: Any = "", **options: Any) -> CleanedField:
    return _line(validators.CONTRACT[name], label, help_text, **options)


def _decimal() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal"})


def _date() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _choice(name: str, label: Any, choices: Iterable[Any], help_text: Any = "") -> CleanedChoiceField:
    return CleanedChoiceField(
        validators.CONTRACT[name], label=label, choices=[("", _("请选择")), *choices], help_text=help_text
    )


class ContractForm(forms.Form):
    """A draft may lack nearly everything; what is missing is said where it is confirmed."""

    use_required_attribute = False

    title = _field("title", _("合同名称"), required=True)
    kind = _choice("kind", _("合同类型"), ContractKind.choices, _("民法典第八百四十三条的五类；技术开发分委托与合作。"))
    starts_on = _field("starts_on", _("开始日期"), widget=_date())
    ends_on = _field("ends_on", _("结束日期"), widget=_date())
    payment_mode = _choice(
        "payment_mode",
        _("支付方式"),
        PaymentMode.choices,
        _("民法典第八百四十六条：一次总算，或者提成支付；提成支付可以附加预付入门费。"),
    )
    amount = _field("amount", _("合同金额（万元）"), _("一次总算的合同必填，例如：80"), widget=_decimal())
    entry_fee = _field("entry_fee", _("入门费（万元）"), _("附加预付入门费时填写。"), widget=_decimal())
    royalty_percent = _field("royalty_percent", _("提成比例（%）"), _("提成支付时填写，例如：3"), widget=_decimal())
    royalty_base = _field("royalty_base", _("提成基数"), _("例如：使用该技术产品的新增销售额。"))
    rights_owner = _choice("rights_owner", _("知识产权归属"), RightsOwner.choices)
    rights_sharing = _field(
        "rights_sharing", _("收益分享约定"), _("例如：许可第三方实施的收益，双方各得一半。"), widget=_area(3)
    )
    funding_order = CleanedChoiceField(
        validators.CONTRACT["funding_order"],
        label=_("财政资助与签约次序"),
        choices=FundingOrder.choices,
        help_text=_("各地规定不同。选“先资助立项，后签约”时，登记立项之后才能确认合同。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for clause in Clause:
            self.fields[f"clause_{clause.value}"] = _line(
                validators.clause_text, clause.label, EXAMPLES[clause], widget=_area(3)
            )

    @property
    def clause_fields(self) -> list[forms.BoundField]:
        return [self[f"clause_{clause.value}"] for clause in Clause]

    @property
    def content(self) -> dict[str, Any]:
        """Clean values of the contract itself."""
        values = {name: self.cleaned_data[name] for name in validators.CONTRACT if name != "clauses"}
        answers = {clause.value: self.cleaned_data[f"clause_{clause.value}"] for clause in Clause}
        return {**values, "clauses": {name: text for name, text in answers.items() if text}}


class RowForm(forms.Form):
    """One row of a table. A row in which nothing is written, or that was removed, has no `row`."""

    use_required_attribute = False
    cleaners: dict[str, Any]
    row: dict[str, Any] | None = None

    def full_clean(self) -> None:
        """A row that does not count has no errors either."""
        super().full_clean()
        if not self.is_bound:
            return
        raw = {name: self.data.get(self.add_prefix(name)) for name in self.cleaners}
        if self.data.get(self.add_prefix("DELETE")) or self.is_blank(raw):
            self.errors.clear()
        elif not self.errors:
            self.row = {name: self.cleaned_data[name] for name in self.fields if name != "DELETE"}

    def is_blank(self, raw: dict[str, Any]) -> bool:
        return validators.is_blank(raw, self.cleaners)


class BaseRowFormSet(forms.BaseFormSet):
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _("表格不完整，请刷新页面后再提交。"),
        "too_many_forms": _("最多 %(num)d 行。"),
    }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Clean values of the rows that count, in the order of the page; ask after `is_valid()`."""
        return [form.row for form in self.forms if form.row is not None]


class MilestoneForm(RowForm):
    cleaners = validators.MILESTONE

    title = _line(validators.MILESTONE["title"], _("里程碑"))
    due_on = _line(validators.MILESTONE["due_on"], _("到期日"), widget=_date())
    payment = _line(validators.MILESTONE["payment"], _("应付款（万元）"), widget=_decimal())
    deliverable = _line(validators.MILESTONE["deliverable"], _("交付物与验收要求"), widget=_area(2))


MilestoneFormSet = cast(
    "type[BaseRowFormSet]",
    forms.formset_factory(
        MilestoneForm,
        formset=BaseRowFormSet,
        extra=2,
        can_delete=True,
        max_num=validators.MOST_MILESTONES,
        validate_max=True,
        absolute_max=validators.MOST_MILESTONES * 3,
    ),
)


class FundingForm(forms.Form):
    use_required_attribute = False

    amount = _line(validators.FUNDING["amount"], _("财政资助（万元）"), widget=_decimal(), required=True)
    decided_on = _line(validators.FUNDING["decided_on"], _("资助立项日期"), widget=_date(), required=True)
    reference = _line(validators.FUNDING["reference"], _("资助立项文号"), required=True)


def initial_of(contract: Contract) -> dict[str, Any]:
    """A saved contract as initial values of `ContractForm`."""
    values = {name: getattr(contract, name) for name in validators.CONTRACT if name != "clauses"}
    return {**values, **{f"clause_{name}": text for name, text in contract.clauses.items()}}


def milestone_initial(milestones: Iterable[Milestone]) -> list[dict[str, Any]]:
    """Saved rows as initial values of the formset."""
    return [
        {
            "title": row.title,
            "due_on": row.due_on,
            "payment": None if row.payment is None else plain(row.payment),
            "deliverable": row.deliverable,
        }
        for row in milestones
    ]
