"""Forms of organisations: registering and changing one, filters of lists, and the operator's decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, OrganisationKind
from accounts.organisation.workflow import VerificationState
from lib import contact_data as validators
from lib import regions
from lib.cleaning import one_line
from lib.form_fields import Worded, offer
from lib.industries import industry_choices, industry_name


class OrganisationForm(Worded, forms.ModelForm):
    """`by_operator`: may register another operator. On changing, the kind is not asked again."""

    credit_code = forms.CharField(
        label=_("统一社会信用代码"),
        required=False,
        max_length=40,
        help_text=_("营业执照或法人证书上的 18 位代码，核验时使用。"),
    )
    region_code = forms.ChoiceField(label=_("所在地区"), required=False)
    industry = forms.ChoiceField(label=_("所属行业"), required=False)
    website = forms.URLField(
        label=_("网站"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("例如 https://example.com"),
        error_messages={"invalid": _("请写完整的网址，例如 https://example.com。")},
    )

    class Meta:
        model = Organisation
        fields = ("name", "kind", "credit_code", "region_code", "industry", "website", "introduction")
        widgets = {"introduction": forms.Textarea(attrs={"rows": 6})}
        help_texts = {
            "name": _("与登记证书一致的全称；个人填写姓名。"),
            "introduction": _("做什么、擅长什么，供对接方了解，不超过 2000 字。"),
        }

    def __init__(self, *args: Any, by_operator: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["kind"]
        elif not by_operator:
            kinds = [choice for choice in OrganisationKind.choices if choice[0] != OrganisationKind.OPERATOR]
            offer(self, "kind", [("", _("请选择")), *kinds])
        region, industry = self.instance.region_code, self.instance.industry
        offer(self, "region_code", with_current(regions.region_choices(), region, regions.region_name(region)))
        offer(self, "industry", with_current(industry_choices(), industry, industry_name(industry)))

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_credit_code(self) -> str | None:
        return validators.clean_credit_code(self.cleaned_data["credit_code"]) or None

    def _get_validation_exclusions(self) -> set[str]:
        # Django's own hook, without a public twin. Name and credit code are unique in the database; the domain
        # says so at the field (`Taken`), also in a race, and knows a double click from another organisation.
        return super()._get_validation_exclusions() | {"name", "credit_code"}  # type: ignore[misc]  # the stubs leave the hook out


def with_current(groups: list[Any], code: str, name: str) -> list[Any]:
    """The choices of a select, an empty one first; a stored value not among them (a county) stays selectable."""
    offered = {value for _group, options in groups for value, _label in options}
    current = [(code, name)] if code and code not in offered else []
    return [("", _("请选择")), *current, *groups]


class OrganisationFilters(Worded, forms.Form):
    q = forms.CharField(label=_("名称"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("机构类型"), required=False)
    province = forms.ChoiceField(label=_("所在省份"), required=False)
    industry = forms.ChoiceField(label=_("所属行业"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [("", _("全部")), *OrganisationKind.choices])
        offer(self, "province", [("", _("全部")), *regions.province_choices()])
        offer(self, "industry", [("", _("全部")), *industry_choices()])


class QueueFilters(forms.Form):
    state = forms.ChoiceField(label=_("核验状态"), required=False, choices=VerificationState.choices)


class DecisionForm(Worded, forms.Form):
    """Verify, or refuse with a reason the organisation can act on."""

    decision = forms.ChoiceField(
        label=_("核验结论"),
        choices=[("verify", _("通过")), ("refuse", _("不通过"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择通过或不通过。")},
    )
    reason = forms.CharField(
        label=_("不通过的原因"),
        required=False,
        max_length=500,
        help_text=_("机构会看到这段话：说明哪里不符、怎样修改。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "refuse" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("不通过时请写明原因。"))
        return data
