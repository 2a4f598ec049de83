"""Addresses of needs in the API."""

from rest_framework.routers import SimpleRouter

from needs.disclosure.api import AcceptanceViewSet, LogViewSet, NamedViewSet, NeedAgreementViewSet
from needs.files.api import AttachmentViewSet, NeedAttachmentViewSet
from needs.need.api import NeedViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
OF_NEED = r"needs/(?P<need_code>[A-Z]-[0-9A-Z]+)"
router.register(f"{OF_NEED}/nda", NeedAgreementViewSet, basename="api-need-nda")
router.register(f"{OF_NEED}/named", NamedViewSet, basename="api-need-named")
router.register(f"{OF_NEED}/access-log", LogViewSet, basename="api-need-log")
router.register(f"{OF_NEED}/attachments", NeedAttachmentViewSet, basename="api-need-attachment")
router.register("nda", AcceptanceViewSet, basename="api-nda")
router.register("attachments", AttachmentViewSet, basename="api-attachment")

urlpatterns = router.urls
