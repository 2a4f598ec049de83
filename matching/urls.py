"""Addresses of matching: candidates, explanations, the operator's review, runs, search."""

from django.urls import path

from matching.learning import views as learning
from matching.matches import views as matches
from matching.runs import views as runs
from matching.search import views as search
from matching.similar import views as similar

app_name = "matching"

urlpatterns = [
    path("search/", search.search, name="search"),
    path("need/<str:code>/", matches.for_need, name="for-need"),
    path("output/<str:code>/", matches.for_solution, name="for-solution"),
    path("review/", matches.review, name="review"),
    path("runs/", runs.run_list, name="run-list"),
    path("runs/rematch/", runs.rematch, name="rematch"),
    path("runs/<str:code>/", runs.run_detail, name="run-detail"),
    path("runs/<str:code>/progress/", runs.run_progress, name="run-progress"),
    path("duplicates/", similar.duplicate_list, name="duplicate-list"),
    path("duplicates/<str:first>/<str:second>/dismiss/", similar.duplicate_dismiss, name="duplicate-dismiss"),
    path("similar-needs/", similar.similar_to_text, name="similar-to-text"),
    path("similar-needs/<str:code>/", similar.similar_to_need, name="similar-to-need"),
    path("learning/", learning.learning, name="learning"),
    path("learning/<int:number>/roll-back/", learning.roll_back, name="learning-roll-back"),
    path("<str:code>/", matches.match_detail, name="match-detail"),
    path("<str:code>/confirm/", matches.match_confirm, name="match-confirm"),
    path("<str:code>/reject/", matches.match_reject, name="match-reject"),
    path("<str:code>/contract/", matches.contract_from_match, name="contract-from-match"),
    path("<str:code>/buyer-answer/", matches.match_buyer_answer, name="match-buyer-answer"),
    path("<str:code>/supplier-answer/", matches.match_supplier_answer, name="match-supplier-answer"),
]
