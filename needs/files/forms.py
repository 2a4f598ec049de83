"""Choosing a file. What a file may be is judged by `needs.files.actions`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.files.actions import (
    TYPES,
    Unacceptable,
    check_content,
    clean_name,
)
from needs.models import Level


class AttachmentForm(forms.Form):
    """One file; `with_level` asks from whom on it is shown (a need's files)."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("选择文件"),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{name}" for name in (*TYPES, "jpeg"))}),
        help_text=_("pdf、docx、xlsx、pptx、png、jpg、zip，单个不超过 20 MB。"),
        error_messages={
            "required": _("请先选择文件。"),
            "empty": _("文件是空的。"),
            "missing": _("请先选择文件。"),
            "invalid": _("请先选择文件。"),
        },
    )
    level = forms.ChoiceField(label=_("公开范围"), choices=Level.choices, initial=Level.NDA, required=False)

    def __init__(self, *args: Any, with_level: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_level:
            del self.fields["level"]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            check_content(upload, clean_name(upload.name))
        except Unacceptable as error:
            raise forms.ValidationError(str(error)) from error
        return upload

    def clean_level(self) -> str:
        return self.cleaned_data["level"] or Level.NDA
