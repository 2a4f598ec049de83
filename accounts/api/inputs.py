"""From a request to what domain functions take. Shape only: what a value may be is said by the pages' own cleaners."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as CleaningError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import Membership, Organisation, User
from accounts.permissions import Denied

MOST_NAMED = 20  # unknown fields named in one answer


# --- bodies --------------------------------------------------------------------------------------------------------


def read_object(data: Any, shape: type[serializers.Serializer]) -> dict[str, Any]:
    """The body as a dict, when it is an object that holds only fields of `shape`, each of the right JSON type.

    A field nobody knows is refused, never dropped: a misspelt name would otherwise look saved.
    """
    if not isinstance(data, Mapping):
        raise ValidationError(_("请求内容应为一个 JSON 对象。"))
    fields = shape().fields
    errors = {name: [_("没有这个字段，或不能修改它。")] for name in list(data.keys() - fields.keys())[:MOST_NAMED]}
    errors |= {
        name: [_("值的类型不对，请参看接口说明。")]
        for name, field in fields.items()
        if name in data and not _has_type_of(field, data[name])
    }
    if errors:
        raise ValidationError(errors)
    return dict(data)


def _has_type_of(field: Any, value: Any) -> bool:
    if isinstance(field, serializers.ListSerializer):
        return isinstance(value, list)
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return all(_is_plain(part) for part in value)
    if isinstance(field, serializers.DictField) and isinstance(value, dict):
        return all(_is_plain(part) for part in value.values())
    if isinstance(field, serializers.BooleanField) and isinstance(value, bool):
        return True
    return value is None or _is_plain(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def by_field(error: CleaningError) -> dict[str, Any]:
    """What a cleaner complains of, as the API's `fields`."""
    if not hasattr(error, "error_dict"):
        return {"": error.messages}
    return {"" if name == NON_FIELD_ERRORS else name: messages for name, messages in error.message_dict.items()}


def acting_organisation(code: Any, user: User) -> Organisation:
    """Whom a new thing belongs to: the organisation named, else the only one the person belongs to.

    Whether the person may write for it is the domain's question.
    """
    if code:
        organisation = Organisation.objects.visible_to(user).filter(code=code).first()
        if organisation is None:
            raise ValidationError({"organisation": [_("没有这个机构。")]})
        return organisation
    mine = [m.organisation for m in Membership.objects.active().filter(user=user).select_related("organisation")[:2]]
    if not mine:
        raise Denied(_("您还不属于任何机构，请先登记或加入一个机构。"))
    if len(mine) > 1:
        raise ValidationError({"organisation": [_("您属于多个机构，请指明代表哪一个。")]})
    return mine[0]


def submission_key(raw: Any) -> UUID | None:
    """The one-time key that makes sending twice harmless."""
    if raw is None:
        return None
    try:
        return UUID(raw)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValidationError({"submission_key": [_("请填写 UUID。")]}) from error


def check_form(form: forms.Form) -> None:
    """The page's own filter form judges the values; what it would ignore on a page is an error here."""
    if not form.is_valid():
        raise ValidationError(by_field(CleaningError(form.errors.as_data())))
