"""Every address of needs, challenges, bids and contracts; one module per subject."""

from needs.urls import bids, challenges, contracts, disclosure, evaluation, needs

app_name = "needs"

urlpatterns = [
    *needs.urlpatterns,
    *disclosure.urlpatterns,
    *challenges.urlpatterns,
    *bids.urlpatterns,
    *evaluation.urlpatterns,
    *contracts.urlpatterns,
]
