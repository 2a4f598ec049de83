"""Shape of what people fill in. Cleaning is `solutions.validators`; needs builds its forms of these parts too."""

from solutions.forms.fields import (
    CleanedChoiceField,
    CleanedField,
    CleanedMultipleChoiceField,
    ParagraphsField,
    SubmissionKeyField,
    WordsField,
)
from solutions.forms.indicators import IndicatorForm, indicator_formset, indicator_initial

__all__ = [
    "CleanedChoiceField",
    "CleanedField",
    "CleanedMultipleChoiceField",
    "IndicatorForm",
    "ParagraphsField",
    "SubmissionKeyField",
    "WordsField",
    "indicator_formset",
    "indicator_initial",
]
