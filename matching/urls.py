"""Addresses of matching: candidates, explanations, the operator's review, runs, search."""

from django.urls import path

from matching.views import clock, matches, review, runs, search

app_name = "matching"

urlpatterns = [
    path("search/", search.search, name="search"),
    path("need/<str:code>/", matches.for_need, name="for-need"),
    path("need/<str:code>/clock/", clock.clock_of_need, name="clock-of-need"),
    path("output/<str:code>/", matches.for_solution, name="for-solution"),
    path("review/", review.review, name="review"),
    path("runs/", runs.run_list, name="run-list"),
    path("runs/rematch/", runs.rematch, name="rematch"),
    path("runs/<str:code>/", runs.run_detail, name="run-detail"),
    path("runs/<str:code>/progress/", runs.run_progress, name="run-progress"),
    path("<str:code>/", matches.match_detail, name="match-detail"),
    path("<str:code>/confirm/", review.match_confirm, name="match-confirm"),
    path("<str:code>/reject/", review.match_reject, name="match-reject"),
    path("<str:code>/buyer-answer/", matches.match_buyer_answer, name="match-buyer-answer"),
    path("<str:code>/supplier-answer/", matches.match_supplier_answer, name="match-supplier-answer"),
]
