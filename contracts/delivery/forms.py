"""Forms of a delivery, a payment and the final acceptance."""

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract.text import correctable_kinds, payment_kinds
from contracts.delivery.fields import PAYMENT
from contracts.models import Contract, Milestone
from lib import cleaning
from lib.fields import ContentForm, area
from lib.form_fields import CleanedField, offer, offer_rows


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """None, one or several files. What a file may be is judged by `needs.files.actions`."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(SeveralFilesField, self).clean(upload, initial) for upload in data or []]


class DeliverForm(forms.Form):
    use_required_attribute = False

    note = CleanedField(
        partial(cleaning.text, limit=5000, required=True),
        label=_("交付说明"),
        help_text=_("交付了什么、达到什么指标、在哪里能核对。例如：样件三套已寄出，第三方检测报告见附件。"),
        widget=area(6),
        required=True,
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # a field's name; forms have an attribute of that name
        label=_("附件"),
        required=False,
        help_text=_("可多选：pdf、docx、xlsx、pptx、png、jpg、zip，单个不超过 20 MB。"),
    )


class PaymentForm(ContentForm):
    table = PAYMENT

    milestone = forms.ModelChoiceField(
        Milestone.objects.none(),
        to_field_name="position",
        label=_("对应里程碑"),
        required=False,
        empty_label=_("不对应"),
    )

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "corrects", "milestone"])
        offer_rows(self, "milestone", contract.milestones.all())
        offer(self, "kind", [(kind.value, kind.label) for kind in payment_kinds(contract)])
        correctable = correctable_kinds(contract)
        offer(self, "corrects", [("", _("不是更正")), *((kind.value, kind.label) for kind in correctable)])
        if len(correctable) == 1:  # nothing to choose
            del self.fields["corrects"]


class AcceptForm(forms.Form):
    use_required_attribute = False

    note = CleanedField(
        partial(cleaning.text, limit=5000, required=True),
        label=_("验收意见"),
        help_text=_("按约定的验收标准逐项说明结论，会写入验收证书。例如：三批样件寿命均超过 2000 小时，达到约定。"),
        widget=area(8),
        required=True,
    )
