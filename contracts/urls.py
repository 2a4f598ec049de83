"""Every address of contracts; one module per room."""

from contracts.contract import urls as contract
from contracts.delivery import urls as delivery
from contracts.outcome import urls as outcome

app_name = "contracts"

urlpatterns = [*contract.urlpatterns, *delivery.urlpatterns, *outcome.urlpatterns]
