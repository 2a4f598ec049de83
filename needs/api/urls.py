"""Addresses of needs in the API."""

from rest_framework.routers import SimpleRouter

from needs.api.appeals import AppealViewSet
from needs.api.bids import BidViewSet
from needs.api.challenges import ChallengeViewSet
from needs.api.contracts import CaseViewSet, ContractViewSet
from needs.api.disclosure import (
    AcceptanceViewSet,
    AttachmentViewSet,
    LogViewSet,
    NamedViewSet,
    NeedAgreementViewSet,
    NeedAttachmentViewSet,
)
from needs.api.endpoints import NeedViewSet
from needs.api.evaluation import EvaluationViewSet
from needs.api.reviews import AvoidanceViewSet, ReviewViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("challenges", ChallengeViewSet, basename="api-challenge")
router.register("bids", BidViewSet, basename="api-bid")
router.register("reviews", ReviewViewSet, basename="api-review")
router.register("avoidances", AvoidanceViewSet, basename="api-avoidance")
router.register("evaluations", EvaluationViewSet, basename="api-evaluation")
router.register("appeals", AppealViewSet, basename="api-appeal")
router.register("contracts", ContractViewSet, basename="api-contract")
router.register("cases", CaseViewSet, basename="api-case")
OF_NEED = r"needs/(?P<need_code>[A-Z]-[0-9A-Z]+)"
router.register(f"{OF_NEED}/nda", NeedAgreementViewSet, basename="api-need-nda")
router.register(f"{OF_NEED}/named", NamedViewSet, basename="api-need-named")
router.register(f"{OF_NEED}/access-log", LogViewSet, basename="api-need-log")
router.register(f"{OF_NEED}/attachments", NeedAttachmentViewSet, basename="api-need-attachment")
router.register("nda", AcceptanceViewSet, basename="api-nda")
router.register("attachments", AttachmentViewSet, basename="api-attachment")

urlpatterns = router.urls
