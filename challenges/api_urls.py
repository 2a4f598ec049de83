"""Addresses of challenges in the API."""

from rest_framework.routers import SimpleRouter

from challenges.answer.api import AppealViewSet
from challenges.bid.api import BidViewSet
from challenges.challenge.api import ChallengeViewSet
from challenges.evaluation.api import EvaluationViewSet
from challenges.review.api import AvoidanceViewSet, ReviewViewSet

router = SimpleRouter()
router.register("challenges", ChallengeViewSet, basename="api-challenge")
router.register("bids", BidViewSet, basename="api-bid")
router.register("reviews", ReviewViewSet, basename="api-review")
router.register("avoidances", AvoidanceViewSet, basename="api-avoidance")
router.register("evaluations", EvaluationViewSet, basename="api-evaluation")
router.register("appeals", AppealViewSet, basename="api-appeal")

urlpatterns = router.urls
