"""What the endpoints of every app share: public codes, explicit filters, one viewer per request."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.filters import ListFilters, organisations_of
from accounts.models import User
from accounts.viewer import Viewer


class WithViewer(APIView):
    """Who asks, for endpoints of any kind."""

    @cached_property
    def viewer(self) -> Viewer:
        return viewer_of(self.request)

    @property
    def person(self) -> User:
        """Who acts. Endpoints that write have refused visitors before they ask."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def my_organisations(self) -> QuerySet[Any]:
        return organisations_of(self.request.user)


class CodeViewSet(WithViewer, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """List and retrieve by public code. `get_queryset` says what the person may see: everything else is a 404."""

    lookup_field = "code"
    lookup_value_regex = "[A-Z]-[0-9A-Z]+"
    filter_backends = [ListFilters]
    filterset_class: type[FilterSet]

    def get_serializer_context(self) -> dict[str, Any]:
        # Asked for only by serializers that show more to some.
        return {**super().get_serializer_context(), "viewer": SimpleLazyObject(lambda: self.viewer)}

    def input(self, shape: Any) -> dict[str, Any]:
        """The body of a small action, checked by its serializer."""
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def answer(self, code: str, *, status: int = 200) -> Response:
        """The thing as it is now, in the words of a retrieve."""
        self.kwargs["code"] = code
        return Response(self.get_serializer(self.get_object()).data, status=status)


def viewer_of(request: Request) -> Viewer:
    """Who asks, once the API knows it: the middleware knows a session, it does not know a token."""
    known = getattr(request, "viewer", None)
    return known if known is not None and known.user == request.user else Viewer.of(request.user)


class UnknownAddress(APIView):
    """Whatever is asked under /api/ that is nowhere else."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        docs = reverse("api-docs")
        raise NotFound(_("没有这个接口。地址以 / 结尾；接口说明见 %(docs)s。") % {"docs": docs})
