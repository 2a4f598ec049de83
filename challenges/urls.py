"""Every address of challenges, bids and their evaluation; one module per room."""

from challenges.bid import urls as bids
from challenges.challenge import urls as challenges
from challenges.evaluation import urls as evaluation

app_name = "challenges"

urlpatterns = [*challenges.urlpatterns, *bids.urlpatterns, *evaluation.urlpatterns]
