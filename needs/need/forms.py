"""What a need's writer fills in, what narrows a list, what reviewers answer. Content is `needs.need.fields`."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from lib.fields import ContentForm, hidden_together, missing, text_fields
from lib.form_fields import SubmissionKeyField, offer, offer_rows
from lib.industries import industry_choices
from lib.regions import province_choices
from needs.models import CloseReason, Level, Need, NeedType
from needs.need import fields as validators
from needs.need.fields import NEED
from solutions.indicator.forms import IndicatorForm, indicator_formset

SUBMIT = "submit"  # the button that hands the need in; any other saves it
WIDE = (forms.Textarea, forms.CheckboxInput, forms.CheckboxSelectMultiple)  # inputs that take a whole line


@dataclass(frozen=True, slots=True)
class FormRow:
    """One input of a need's form, with the choice of who may read it where there is one."""

    field: forms.BoundField
    level: forms.BoundField | None
    is_wide: bool


@dataclass(frozen=True, slots=True)
class FormPart:
    title: Any
    rows: list[FormRow]


class NeedForm(ContentForm):
    """A need as its engineer writes it. `hand_in` asks for what a submission needs; a draft only wants a title."""

    table = NEED

    submission_key = SubmissionKeyField()
    declared = forms.BooleanField(
        label=_("我确认：以上内容不涉及国家秘密，不含依法不得公开的信息，并已获本单位同意提交。"), required=False
    )

    def __init__(self, *args: Any, hand_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hand_in = hand_in
        for name in validators.hideable():
            self.fields[f"level_{name}"] = forms.ChoiceField(
                label=_("公开范围"),
                widget=forms.Select(
                    attrs={"aria-label": _("“%(field)s”的公开范围") % {"field": validators.hidden_label(name)}}
                ),
                choices=Level.choices,
                initial=Level.PUBLIC,
                required=False,
            )

    def parts(self) -> list[FormPart]:
        """The sections, each input with its level; the level of several together stands at the last of them."""
        levels = {fields[-1].name: f"level_{name}" for name, fields in hidden_together(NEED).items()}
        return [
            FormPart(
                section.title,
                [
                    FormRow(
                        field=field,
                        level=self[levels[field.name]] if field.name in levels else None,
                        is_wide=field.name == "title" or isinstance(field.field.widget, WIDE),
                    )
                    for field in section.fields
                ],
            )
            for section in self.sections()
        ]

    def compared(self) -> list[str]:
        """Fields that are looked up among the public needs of others while they are written."""
        return [field.name for field in text_fields(NEED)]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        values["disclosure"] = NEED["disclosure"].clean(
            {name: values.get(f"level_{name}") for name in validators.hideable()}
        )
        try:
            validators.check_budget(values)
        except ValidationError as error:
            self.add_error(None, error)
        if self.hand_in:
            self._check_submission(values)
        return values

    def _check_submission(self, values: dict[str, Any]) -> None:
        for field in missing(NEED, values.get, validators.SUBMIT_FORM):
            if field.name in values:
                self.add_error(field.name, _("提交前请填写此项；暂时不填可以先保存草稿。"))
        if not values["declared"]:
            self.add_error(
                "declared",
                _("未作此项确认不能提交。内容如涉及国家秘密，请勿在本平台填写或保存，请通过本单位的保密渠道办理。"),
            )


class NeedIndicatorForm(IndicatorForm):
    clean_row = staticmethod(validators.clean_need_indicator)

    level = forms.ChoiceField(label=_("公开范围"), required=False, choices=Level.choices, initial=Level.PUBLIC)


NeedIndicatorFormSet = indicator_formset(NeedIndicatorForm)


# Upper and lower ends in 万元 of the choices in the list.
BUDGETS = {
    "0-20": (_("20 万元以下"), None, 20),
    "20-50": (_("20–50 万元"), 20, 50),
    "50-100": (_("50–100 万元"), 50, 100),
    "100-500": (_("100–500 万元"), 100, 500),
    "500-": (_("500 万元以上"), 500, None),
    "open": (_("面议"), None, None),
}


class NeedFilterForm(forms.Form):
    """Narrows the public list. A value nobody offers is ignored: old links keep working."""

    industry = forms.ChoiceField(label=_("行业"), required=False)
    need_type = forms.ChoiceField(label=_("需求类型"), required=False, choices=[("", _("全部")), *NeedType.choices])
    region = forms.ChoiceField(label=_("地区"), required=False)
    budget = forms.ChoiceField(
        label=_("预算"), required=False, choices=[("", _("全部")), *((key, row[0]) for key, row in BUDGETS.items())]
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", label=_("提出方"), required=False, empty_label=_("全部")
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "organisation", organisations)
        offer(self, "industry", [("", _("全部")), *_industries_with_sections()])
        offer(self, "region", [("", _("全部")), *province_choices()])

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, needs: QuerySet[Need]) -> QuerySet[Need]:
        chosen = self.chosen
        if industry := chosen.get("industry"):
            needs = needs.filter(industry__startswith=industry)
        if need_type := chosen.get("need_type"):
            needs = needs.filter(need_type=need_type)
        if region := chosen.get("region"):
            needs = needs.filter(region_code__startswith=region[:2])
        if budget := chosen.get("budget"):
            needs = needs.filter(_within(budget))
        if organisation := chosen.get("organisation"):
            needs = needs.filter(organisation=organisation)
        return needs


def _industries_with_sections() -> list[Any]:
    """Divisions under their section, which may be chosen as a whole: `C` stands for C13 to C43."""
    groups = []
    for section, divisions in industry_choices():
        letter = section[:1]
        groups.append((section, [(letter, _("%(section)s（全部）") % {"section": section}), *divisions]))
    return groups


def _within(budget: str) -> Q:
    """Needs whose budget overlaps the range; an end that is not given is open.

    A budget that is not public is found by no range, whoever asks: finding it would tell it.
    """
    is_public = ~Q(disclosure__has_key="budget")
    if budget == "open":
        return Q(budget_min=None, budget_max=None) & is_public
    _label, low, high = BUDGETS[budget]
    within = (Q(budget_min__isnull=False) | Q(budget_max__isnull=False)) & is_public
    if low is not None:
        within &= Q(budget_max__gte=low) | Q(budget_max=None)
    if high is not None:
        within &= Q(budget_min__lt=high) | Q(budget_min=None)
    return within


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("关闭原因"),
        choices=[(value, label) for value, label in CloseReason.choices if value != CloseReason.EXPIRED],
        error_messages={"required": _("请选择关闭原因。"), "invalid_choice": _("请选择关闭原因。")},
    )


class AssignForm(forms.Form):
    caretaker = forms.ModelChoiceField(
        label=_("服务专员"),
        queryset=User.objects.none(),
        error_messages={
            "required": _("请选择服务专员。"),
            "invalid_choice": _("服务专员须是平台运营人员或技术经理人。"),
        },
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "caretaker", people)


def initial_of(need: Need) -> dict[str, Any]:
    """A saved need as initial values of `NeedForm`."""
    levels = {f"level_{name}": need.level_of(name) for name in validators.hideable()}
    return {**{name: getattr(need, name) for name in NEED}, **levels}
