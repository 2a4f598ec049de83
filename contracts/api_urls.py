"""Addresses of contracts in the API."""

from rest_framework.routers import SimpleRouter

from contracts.contract.api import ContractViewSet
from contracts.outcome.api import CaseViewSet

router = SimpleRouter()
router.register("contracts", ContractViewSet, basename="api-contract")
router.register("cases", CaseViewSet, basename="api-case")

urlpatterns = router.urls
