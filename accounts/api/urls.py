"""Addresses of accounts in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.api.endpoints import MeView, OrganisationViewSet

router = SimpleRouter()
router.register("organisations", OrganisationViewSet, basename="api-organisation")

urlpatterns = [
    path("me/", MeView.as_view(), name="api-me"),
    path("", include(router.urls)),
]
