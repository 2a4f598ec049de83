"""Addresses of matching in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from matching.api.care import ClockView, ComplaintViewSet, FollowUpViewSet, NeedClockView
from matching.api.endpoints import MatchViewSet, RunViewSet, SearchView
from matching.api.learning import WeightingViewSet
from matching.api.similar import DuplicateView

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="api-match")
router.register("runs", RunViewSet, basename="api-run")
router.register("weightings", WeightingViewSet, basename="api-weighting")
router.register("follow-ups", FollowUpViewSet, basename="api-follow-up")
router.register("complaints", ComplaintViewSet, basename="api-complaint")

urlpatterns = [
    path("search/", SearchView.as_view(), name="api-search"),
    path("duplicates/", DuplicateView.as_view(), name="api-duplicates"),
    path("clock/", ClockView.as_view(), name="api-clock"),
    path("clock/<str:code>/", NeedClockView.as_view(), name="api-clock-of-need"),
    path("", include(router.urls)),
]
