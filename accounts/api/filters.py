"""What lists of the API can be narrowed by: django-filter's filter sets, strict about names and values."""

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError as CleaningError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.inputs import MOST_NAMED
from accounts.models import Membership, User

PAGING = frozenset({"page", "page_size"})


class ListFilters(filters.DjangoFilterBackend):
    """Applies a view's `filterset_class` to its list. Unknown names are errors: ignored, they would show too much."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        if getattr(view, "action", "list") != "list":
            return queryset
        known = self.get_filterset_class(view, queryset).base_filters
        given = {name for name, value in request.query_params.items() if value}
        if unknown := sorted(given - PAGING - known.keys())[:MOST_NAMED]:
            message = _("没有这个筛选条件，可用的有：%(names)s。") % {"names": "、".join(known)}
            raise ValidationError({name: [message] for name in unknown})
        return super().filter_queryset(request, queryset, view)


class _YesNoField(forms.Field):
    """True, False, or None where nothing was said; anything else is an error. Django's own field ignores it."""

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        try:
            return serializers.BooleanField().run_validation(value)
        except ValidationError as error:
            raise CleaningError([str(detail) for detail in error.detail]) from error


class BooleanFilter(filters.BooleanFilter):
    field_class = _YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **kwargs)


class MineFilter(BooleanFilter):
    """When true, only what belongs to an organisation of the reader; `paths` lead from a row to its organisations."""

    def __init__(self, *paths: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = paths

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        if not value:
            return qs
        mine = organisations_of(self.parent.request.user)
        return qs.filter(reduce(or_, (Q(**{f"{path}__in": mine}) for path in self.paths)))


class FormFilter(filters.CharFilter):
    """Described here, judged and applied by the page's own form: see `filter_queryset` of its filter set."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs


def organisations_of(user: User | AnonymousUser) -> QuerySet[Any]:
    """For `organisation__in`: those this person belongs to; none for a visitor."""
    mine = Membership.objects.active().values("organisation")
    return mine.filter(user=user) if user.is_authenticated else mine.none()
