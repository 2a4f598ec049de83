"""Addresses of matching in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from matching.api.endpoints import MatchViewSet, RunViewSet, SearchView

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="api-match")
router.register("runs", RunViewSet, basename="api-run")

urlpatterns = [
    path("search/", SearchView.as_view(), name="api-search"),
    path("", include(router.urls)),
]
