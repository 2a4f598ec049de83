"""Addresses of needs in the API."""

from rest_framework.routers import SimpleRouter

from needs.api.challenges import ChallengeViewSet
from needs.api.endpoints import NeedViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("challenges", ChallengeViewSet, basename="api-challenge")

urlpatterns = router.urls
