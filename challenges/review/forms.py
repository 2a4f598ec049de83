"""Forms of a reviewer: a scorecard, and an organisation never to review."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from challenges.challenge.forms import text_field
from challenges.models import Criterion, Scorecard
from lib import cleaning as validators
from lib.form_fields import CleanedField


class ScorecardForm(forms.Form):
    """Points of every criterion and words. Saving takes what is there; what submitting asks is the domain's."""

    use_required_attribute = False

    comment = text_field(
        _("评语"), _("优点、不足与依据。揭榜单位收到的答复以此为参考。"), limit=3000, rows=6, required=False
    )

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        for criterion in self.criteria:
            self.fields[self.name_of(criterion)] = CleanedField(
                _points,
                label=_("%(name)s（权重 %(weight)s%%）") % {"name": criterion.name, "weight": criterion.weight},
                required=False,
                help_text=criterion.description,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 5}),
            )

    @staticmethod
    def name_of(criterion: Criterion) -> str:
        return f"points-{criterion.position}"

    @property
    def score_fields(self) -> list[Any]:
        return [self[self.name_of(criterion)] for criterion in self.criteria]

    @property
    def points(self) -> dict[int, Decimal]:
        """What is filled in and readable."""
        values = {criterion.pk: self.cleaned_data.get(self.name_of(criterion)) for criterion in self.criteria}
        return {pk: value for pk, value in values.items() if value is not None}


def scores_of(card: Scorecard | None, criteria: Iterable[Criterion]) -> dict[str, Any]:
    """A saved card as initial values of `ScorecardForm`."""
    if card is None:
        return {}
    points = {score.criterion_id: score.points.normalize() for score in card.scores.all()}
    scores = {ScorecardForm.name_of(row): f"{points[row.pk]:f}" for row in criteria if row.pk in points}
    return {"comment": card.comment, **scores}


class AvoidanceForm(forms.Form):
    """An organisation by its code or its whole name; no suggestions: the list of organisations is public elsewhere."""

    use_required_attribute = False

    organisation = forms.CharField(
        label=_("机构名称或编号"), max_length=120, error_messages={"required": _("请填写机构名称或编号。")}
    )
    reason = forms.CharField(label=_("原因（选填）"), max_length=200, required=False)

    def clean_organisation(self) -> Organisation:
        given = self.cleaned_data["organisation"].strip()
        verified = Organisation.objects.verified()
        found = verified.filter(code=given).first() or verified.filter(name=given).first()
        if found is None:
            raise ValidationError(_("没有这个已核验的机构，请填写机构全称或机构编号。"))
        return found


def _points(raw: Any) -> Decimal | None:
    value = validators.number(raw, places=1, digits=4, low=0, high=100)
    if value is not None and value * 2 % 1:
        raise ValidationError(_("以 0.5 分为单位。"))
    return value
