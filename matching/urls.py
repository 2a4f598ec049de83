"""Addresses of matching: candidates, explanations, the operator's review, runs, search."""

from django.urls import path

from matching.views import clock, complaints, follow_ups, learning, matches, review, runs, search, similar

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
    path("duplicates/", similar.duplicate_list, name="duplicate-list"),
    path("duplicates/<str:first>/<str:second>/dismiss/", similar.duplicate_dismiss, name="duplicate-dismiss"),
    path("similar-needs/", similar.similar_to_text, name="similar-to-text"),
    path("similar-needs/<str:code>/", similar.similar_to_need, name="similar-to-need"),
    path("learning/", learning.learning, name="learning"),
    path("learning/<int:number>/roll-back/", learning.roll_back, name="learning-roll-back"),
    path("follow-ups/", follow_ups.follow_up_list, name="follow-up-list"),
    path("follow-ups/<str:code>/add/", follow_ups.follow_up_add, name="follow-up-add"),
    path("follow-ups/<str:code>/<int:pk>/done/", follow_ups.follow_up_done, name="follow-up-done"),
    path("follow-ups/<str:code>/<int:pk>/reassign/", follow_ups.follow_up_reassign, name="follow-up-reassign"),
    path("complaints/", complaints.complaint_list, name="complaint-list"),
    path("complaints/<str:code>/", complaints.complaint_detail, name="complaint-detail"),
    path("complaints/<str:code>/take-up/", complaints.complaint_take_up, name="complaint-take-up"),
    path("complaints/<str:code>/entries/", complaints.complaint_add_entry, name="complaint-add-entry"),
    path("complaints/<str:code>/settle/", complaints.complaint_settle, name="complaint-settle"),
    path("complaints/<str:code>/dismiss/", complaints.complaint_dismiss, name="complaint-dismiss"),
    path("complaints/<str:code>/withdraw/", complaints.complaint_withdraw, name="complaint-withdraw"),
    path("contracts/<str:code>/follow-ups/", follow_ups.follow_ups_of_contract, name="follow-ups-of-contract"),
    path("contracts/<str:code>/complain/", complaints.complaint_create_contract, name="complaint-create-contract"),
    path("<str:code>/", matches.match_detail, name="match-detail"),
    path("<str:code>/confirm/", review.match_confirm, name="match-confirm"),
    path("<str:code>/reject/", review.match_reject, name="match-reject"),
    path("<str:code>/contract/", matches.contract_from_match, name="contract-from-match"),
    path("<str:code>/buyer-answer/", matches.match_buyer_answer, name="match-buyer-answer"),
    path("<str:code>/supplier-answer/", matches.match_supplier_answer, name="match-supplier-answer"),
    path("<str:code>/follow-ups/", follow_ups.follow_ups_of_match, name="follow-ups-of-match"),
    path("<str:code>/complain/", complaints.complaint_create_match, name="complaint-create-match"),
]
