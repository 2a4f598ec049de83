"""Addresses of outputs in the API."""

from rest_framework.routers import SimpleRouter

from solutions.output.api import OutputViewSet

router = SimpleRouter()
router.register("outputs", OutputViewSet, basename="api-output")

urlpatterns = router.urls
