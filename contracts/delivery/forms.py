"""What both sides write into a contract, and the small forms of its way. Cleaning: `needs.validators_contracts`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract.forms import _area, _date, _decimal, _line
from contracts.contract.text import correctable_kinds, payment_kinds
from contracts.delivery import fields as delivery_fields
from contracts.models import (
    Contract,
    Milestone,
)
from lib import cleaning as clean
from lib.form_fields import CleanedChoiceField, offer, offer_rows


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """None, one or several files. What a file may be is judged by `needs.files.actions`."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(SeveralFilesField, self).clean(upload, initial) for upload in data or []]


class DeliverForm(forms.Form):
    use_required_attribute = False

    note = _line(
        lambda raw: clean.text(raw, limit=5000, required=True),
        _("交付说明"),
        _("交付了什么、达到什么指标、在哪里能核对。例如：样件三套已寄出，第三方检测报告见附件。"),
        widget=_area(6),
        required=True,
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # a field's name; forms have an attribute of that name
        label=_("附件"),
        required=False,
        help_text=_("可多选：pdf、docx、xlsx、pptx、png、jpg、zip，单个不超过 20 MB。"),
    )


class PaymentForm(forms.Form):
    use_required_attribute = False

    kind = CleanedChoiceField(
        delivery_fields.PAYMENT["kind"],
        label=_("款项"),
        help_text=_("登记有误不能修改，用“更正”冲抵：多记了填负数并写明原因。"),
    )
    corrects = CleanedChoiceField(
        delivery_fields.PAYMENT["corrects"],
        label=_("更正的款项"),
        help_text=_("仅更正时选择：更正计入它所更正的款项。"),
        required=False,
    )
    milestone = forms.ModelChoiceField(
        Milestone.objects.none(),
        to_field_name="position",
        label=_("对应里程碑"),
        required=False,
        empty_label=_("不对应"),
    )
    amount = _line(delivery_fields.PAYMENT["amount"], _("金额（万元）"), widget=_decimal(), required=True)
    paid_on = _line(delivery_fields.PAYMENT["paid_on"], _("付款日期"), widget=_date(), required=True)
    note = _line(delivery_fields.PAYMENT["note"], _("备注"), _("例如：凭证号；更正时必填。"))

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "milestone", contract.milestones.all())
        offer(self, "kind", [(kind.value, kind.label) for kind in payment_kinds(contract)])
        correctable = correctable_kinds(contract)
        offer(self, "corrects", [("", _("不是更正")), *((kind.value, kind.label) for kind in correctable)])
        if len(correctable) == 1:  # nothing to choose
            del self.fields["corrects"]
