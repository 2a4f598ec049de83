"""The content of a payment: one table for its form and the API. No database."""

from functools import partial

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contracts.contract.fields import date_input, decimal_input
from contracts.models import PaymentKind
from lib import cleaning
from lib.fields import Field, Input, table
from lib.form_fields import CleanedChoiceField

PAYMENT = table(
    Field(
        "kind",
        _("款项"),
        partial(cleaning.choice, options=PaymentKind.choices, required=True),
        input=Input(
            form_field=CleanedChoiceField,
            help=_("登记有误不能修改，用“更正”冲抵：多记了填负数并写明原因。"),
        ),
    ),
    Field(
        "corrects",
        _("更正的款项"),
        partial(cleaning.choice, options=PaymentKind.choices),
        input=Input(form_field=CleanedChoiceField, help=_("仅更正时选择：更正计入它所更正的款项。")),
        api=(
            serializers.ChoiceField,
            {
                "choices": [choice for choice in PaymentKind.choices if choice[0] != PaymentKind.CORRECTION],
                "required": False,
                "allow_blank": True,
                "help_text": "Of a correction: the kind it is of. May be left out where the contract knows one kind "
                "only.",
            },
        ),
    ),
    Field(
        "amount",
        _("金额（万元）"),
        partial(cleaning.number, places=2, digits=12, required=True),
        input=Input(widget=decimal_input(), required=True),
        api=(
            serializers.DecimalField,
            {"max_digits": 12, "decimal_places": 2, "help_text": "万元; corrections may be negative."},
        ),
    ),
    Field(
        "paid_on",
        _("付款日期"),
        partial(cleaning.day, required=True),
        input=Input(widget=date_input(), required=True),
    ),
    Field(
        "note",
        _("备注"),
        partial(cleaning.line, limit=300),
        input=Input(help=_("例如：凭证号；更正时必填。")),
    ),
)
