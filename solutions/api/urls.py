"""Addresses of solutions in the API."""

from rest_framework.routers import SimpleRouter

from solutions.api.endpoints import InstitutionViewSet, OutputViewSet

router = SimpleRouter()
router.register("outputs", OutputViewSet, basename="api-output")
router.register("institutions", InstitutionViewSet, basename="api-institution")

urlpatterns = router.urls
