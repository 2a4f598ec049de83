"""Addresses of solutions in the API."""

from rest_framework.routers import SimpleRouter

from solutions.institution.api import InstitutionViewSet
from solutions.output.api import OutputViewSet

router = SimpleRouter()
router.register("outputs", OutputViewSet, basename="api-output")
router.register("institutions", InstitutionViewSet, basename="api-institution")

urlpatterns = router.urls
