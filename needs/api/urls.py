"""Addresses of needs in the API."""

from rest_framework.routers import SimpleRouter

from needs.api.bids import BidViewSet
from needs.api.challenges import ChallengeViewSet
from needs.api.endpoints import NeedViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("challenges", ChallengeViewSet, basename="api-challenge")
router.register("bids", BidViewSet, basename="api-bid")

urlpatterns = router.urls
