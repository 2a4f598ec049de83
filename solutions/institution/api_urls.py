"""Addresses of institutions in the API."""

from rest_framework.routers import SimpleRouter

from solutions.institution.api import InstitutionViewSet

router = SimpleRouter()
router.register("institutions", InstitutionViewSet, basename="api-institution")

urlpatterns = router.urls
