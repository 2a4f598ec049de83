"""Addresses of matching in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from matching.learning.api import WeightingViewSet
from matching.matches.api import MatchViewSet
from matching.runs.api import RunViewSet
from matching.search.api import SearchView
from matching.similar.api import DuplicateView

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="api-match")
router.register("runs", RunViewSet, basename="api-run")
router.register("weightings", WeightingViewSet, basename="api-weighting")

urlpatterns = [
    path("search/", SearchView.as_view(), name="api-search"),
    path("duplicates/", DuplicateView.as_view(), name="api-duplicates"),
    path("", include(router.urls)),
]
