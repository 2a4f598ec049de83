"""Every address of challenges, bids and their evaluation; one module per room."""

from challenges.answer import urls as answer
from challenges.bid import urls as bid
from challenges.challenge import urls as challenge
from challenges.claim import urls as claim
from challenges.evaluation import urls as evaluation
from challenges.objection import urls as objection
from challenges.review import urls as review

app_name = "challenges"

urlpatterns = [
    *challenge.urlpatterns,
    *bid.urlpatterns,
    *claim.urlpatterns,
    *review.urlpatterns,
    *evaluation.urlpatterns,
    *answer.urlpatterns,
    *objection.urlpatterns,
]
