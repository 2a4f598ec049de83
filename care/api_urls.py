"""Addresses of follow-ups, complaints and the time to match in the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from care.complaint.api import ComplaintViewSet
from care.follow_up.api import FollowUpViewSet
from care.time_to_match.api import ClockView, NeedClockView

router = SimpleRouter()
router.register("follow-ups", FollowUpViewSet, basename="api-follow-up")
router.register("complaints", ComplaintViewSet, basename="api-complaint")

urlpatterns = [
    path("clock/", ClockView.as_view(), name="api-clock"),
    path("clock/<str:code>/", NeedClockView.as_view(), name="api-clock-of-need"),
    path("", include(router.urls)),
]
