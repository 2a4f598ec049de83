"""Addresses of needs in the API."""

from rest_framework.routers import SimpleRouter

from needs.api.endpoints import NeedViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")

urlpatterns = router.urls
