"""The form of a research output, in the order in which a professor would tell it, and the filters of their list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from lib import industries, maturity, regions
from lib.form_fields import SubmissionKeyField, offer_rows
from solutions.indicator.fields import clean_indicator
from solutions.indicator.forms import IndicatorForm
from solutions.models import RightsStatus, Solution, TransferMode
from solutions.output.fields import OUTPUT, clean_range
from solutions.output.kind import OUTPUT as KIND
from solutions.solution.forms import ANY, Filter, SolutionForm, select


class OutputForm(SolutionForm):
    """A research output."""

    table = OUTPUT

    submission_key = SubmissionKeyField()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "maturity" not in values:
            return values
        levels = values.pop("maturity")
        if levels == maturity.EXACT:
            self._take_exact_levels(values)
        else:
            values["trl_min"], values["trl_max"] = levels or (None, None)
        return values

    def _take_exact_levels(self, values: dict[str, Any]) -> None:
        try:
            values["trl_min"], values["trl_max"] = clean_range(values.get("trl_min"), values.get("trl_max"))
        except ValidationError as error:
            self.add_error(None, error)
            return
        if values["trl_min"] is None and not self.errors:
            self.add_error("trl_min", _("请选择 TRL 等级。"))


class OutputIndicatorForm(IndicatorForm):
    """An output states what was reached; whether that is a must is the need's to say."""

    clean_row = staticmethod(clean_indicator)

    necessity = None  # type: ignore[assignment]  # how Django drops a field of the parent form
    is_public = forms.BooleanField(label=_("公开"), required=False, initial=True)


def output_initial(solution: Solution) -> dict[str, Any]:
    """A saved output as the form's initial values."""
    details = solution.output
    levels = None if details.trl_min is None or details.trl_max is None else (details.trl_min, details.trl_max)
    return {**KIND.content_of(solution), "maturity": maturity.form_choice(levels)}


def _overlaps(stage: str) -> dict[str, Any]:
    low, high = maturity.LEVELS[stage]
    return {"output__trl_min__lte": high, "output__trl_max__gte": low}


class CatalogueFilter(Filter):
    """The public list of outputs."""

    lookups = {
        **Filter.lookups,
        "maturity": _overlaps,
        "transfer_mode": lambda mode: {"output__transfer_modes__contains": [mode]},
        "rights_status": lambda status: {"output__rights_status": status},
    }

    industry = select(_("应用行业"), industries.industry_choices)
    maturity = select(_("成熟度"), maturity.Maturity.choices)
    transfer_mode = select(_("转化方式"), TransferMode.choices)
    rights_status = select(_("知识产权"), RightsStatus.choices)
    region = select(_("所在地区"), regions.province_choices)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", label=_("机构"), required=False, empty_label=ANY[1]
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        offer_rows(self, "organisation", organisations)
