"""What a bidder fills in. Nothing is lost: what is clean is saved, what is not stays on the page with its error."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from challenges.bid.asked import Asked
from challenges.bid.fields import ANSWER, BID, CLAIM, MOST_STEPS, STEP, is_blank_step
from challenges.bid.queries import outputs_of
from challenges.models import BidVersion
from lib.fields import ContentForm
from lib.form_fields import SeveralSelects
from needs.models import NeedIndicator
from solutions.models import Solution


class OutputsField(forms.ModelMultipleChoiceField):
    """Several selects of one name: those left empty choose nothing."""

    def clean(self, value: Any) -> Any:
        return super().clean([code for code in value or [] if code])


class ClaimForm(ContentForm):
    """抢单: what the poser and the contract need, no more."""

    table = CLAIM


class BidForm(ContentForm):
    """揭榜方案."""

    table = BID
    solutions = OutputsField(
        Solution.objects.none(),
        to_field_name="code",
        label=_("依托成果"),
        required=False,
        widget=SeveralSelects,
        help_text=_("本单位已发布的成果，可多选；没有可不填。"),
        error_messages={"invalid_choice": _("只能选择本单位已发布的成果。")},
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outputs = outputs_of(organisation)
        field = cast("OutputsField", self.fields["solutions"])
        field.queryset = outputs
        self.has_outputs = outputs.exists()
        field.widget.choices = [("", _("不选")), *((output.code, output.title) for output in outputs)]

    def clean_solutions(self) -> list[Solution]:
        return list(self.cleaned_data["solutions"])

    @property
    def content(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {**super().content, **{name: given[name] for name in ("solutions",) if name in given}}


class AnswerForm(ContentForm):
    """What is answered to one indicator of the need."""

    table = ANSWER

    def __init__(self, *args: Any, indicator: NeedIndicator, **kwargs: Any) -> None:
        kwargs["prefix"] = f"answer-{indicator.pk}"
        super().__init__(*args, **kwargs)
        self.indicator = indicator

    @property
    def row(self) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(name, "") for name in ANSWER}
        return {"indicator": self.indicator.pk, **values}


class StepForm(ContentForm):
    """One row of the plan. A row in which nothing is written, or that was removed, does not count."""

    table = STEP

    @property
    def row(self) -> dict[str, Any] | None:
        """Clean values, with nothing where a field could not be understood; None for a row that does not count."""
        row = {name: self.cleaned_data.get(name) for name in STEP}
        if self.cleaned_data.get("DELETE") or is_blank_step(row):
            return None
        return {"title": row["title"] or "", "month": row["month"], "deliverable": row["deliverable"] or ""}


class BaseStepFormSet(forms.BaseFormSet):
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _("计划表不完整，请刷新页面后再提交。"),
        "too_many_forms": _("里程碑最多 %(num)d 行。"),
    }

    @property
    def kept(self) -> list[StepForm]:
        """The rows that count, in order; ask after `is_valid()`."""
        return [form for form in self.forms if form.row is not None]


StepFormSet = forms.formset_factory(
    StepForm,
    formset=BaseStepFormSet,
    extra=2,
    can_delete=True,
    max_num=MOST_STEPS,
    validate_max=True,
    absolute_max=MOST_STEPS * 3,
)


class Sheet:
    """The whole page of a bid or a claim: fields, one answer per indicator, and the rows of the plan."""

    def __init__(
        self,
        *,
        organisation: Organisation | None,  # None only for a claim: everybody may look at the form
        asked: Asked,
        is_claim: bool,
        data: Any = None,
        version: BidVersion | None = None,
    ) -> None:
        self.asked = asked
        fields = _initial(version)
        if is_claim:
            self.form: ClaimForm | BidForm = ClaimForm(data, initial=fields)
        else:
            assert organisation is not None
            self.form = BidForm(data, initial=fields, organisation=organisation)
        answers = {row["indicator"]: row for row in version.indicator_answers} if version else {}
        self.answers = [
            AnswerForm(data, indicator=indicator, initial=answers.get(indicator.pk)) for indicator in asked.shown
        ]
        self.plan: Any = None
        if not is_claim:
            self.plan = StepFormSet(data, initial=version.plan if version else [], prefix="plan")

    def is_valid(self) -> bool:
        parts = [self.form, *self.answers, *([self.plan] if self.plan is not None else [])]
        return all([part.is_valid() for part in parts])  # every part is asked, not only the first

    @property
    def content(self) -> dict[str, Any]:
        """What can be saved, valid or not: fields that could not be understood are left as they were."""
        values = {**self.form.content, "indicator_answers": [form.row for form in self.answers]}
        if self.plan is not None and self.plan.is_bound and not self.plan.non_form_errors():
            values["plan"] = [form.row for form in self.plan.kept]
        return values

    def add_errors(self, error: ValidationError) -> None:
        """Put what `check_complete` said at its fields and rows."""
        answers = {str(form.indicator.pk): form for form in self.answers}
        for key, messages in error.message_dict.items():
            name, _dot, row = key.partition(".")
            if name == "indicator_answers":
                answers[row].add_error("how" if answers[row].cleaned_data.get("meets") == "yes" else "meets", messages)
            elif name == "plan" and row:
                self.plan.kept[int(row)].add_error(None, messages)
            elif name == "plan":
                self.plan.non_form_errors().extend(messages)
            else:
                self.form.add_error(name if name in self.form.fields else None, messages)

    @property
    def has_errors(self) -> bool:
        rows = [*self.answers, *(self.plan.forms if self.plan is not None else [])]
        return bool(self.form.errors or any(row.errors for row in rows) or self._plan_errors())

    @property
    def problems(self) -> list[dict[str, str]]:
        """For the summary on top: what needs mending in the order of the page, each with the id it links to."""
        found = [
            {"id": field.auto_id, "label": str(field.label), "text": str(field.errors[0])}
            for field in self.form.visible_fields()
            if field.errors
        ]
        for form in self.answers:
            for field in form.visible_fields():
                if field.errors:
                    found.append({"id": field.auto_id, "label": form.indicator.name, "text": str(field.errors[0])})
        found += [
            {"id": "plan-rows", "label": str(_("计划与里程碑")), "text": str(error)} for error in self._plan_errors()
        ]
        for number, row in enumerate(self.plan.forms if self.plan is not None else [], start=1):
            words = [error for errors in row.errors.values() for error in errors]
            if words:
                label = _("里程碑第 %(number)s 行") % {"number": number}
                found.append({"id": f"{row.prefix}-row", "label": label, "text": str(words[0])})
        return found

    def _plan_errors(self) -> list[str]:
        if self.plan is None or not self.plan.is_bound:
            return []
        return [str(error) for error in self.plan.non_form_errors()]

    @property
    def unsaved(self) -> list[str]:
        """Labels of what could not be understood and so was not saved."""
        forms_ = [self.form, *self.answers, *(self.plan.forms if self.plan is not None else [])]
        labels = [str(form.fields[name].label) for form in forms_ for name in form.errors if name in form.fields]
        return list(dict.fromkeys(labels))


def _initial(version: BidVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    values = {name: getattr(version, name) for name in BID}
    return {**values, "solutions": [solution.code for solution in version.solutions.all()]}
