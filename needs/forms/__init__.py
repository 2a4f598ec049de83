"""Shape of what people fill in; one module per subject. Cleaning is `needs.validators`."""

from needs.forms.needs import (
    SUBMIT,
    AssignForm,
    CloseForm,
    NeedFilterForm,
    NeedForm,
    NeedIndicatorFormSet,
    initial_of,
)

__all__ = ["SUBMIT", "AssignForm", "CloseForm", "NeedFilterForm", "NeedForm", "NeedIndicatorFormSet", "initial_of"]
