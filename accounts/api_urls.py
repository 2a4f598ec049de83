"""Addresses of accounts in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.organisation.api import OrganisationViewSet
from accounts.person.api import MeView

router = SimpleRouter()
router.register("organisations", OrganisationViewSet, basename="api-organisation")

urlpatterns = [
    path("me/", MeView.as_view(), name="api-me"),
    path("", include(router.urls)),
]
