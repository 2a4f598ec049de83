"""Addresses of follow-ups, complaints and the time to match; under matches/, before those of one match."""

from django.urls import path

from care.complaint import views as complaints
from care.follow_up import views as follow_ups
from care.time_to_match import views as time_to_match

app_name = "care"

urlpatterns = [
    path("need/<str:code>/clock/", time_to_match.of_need, name="clock-of-need"),
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
    path("<str:code>/follow-ups/", follow_ups.follow_ups_of_match, name="follow-ups-of-match"),
    path("<str:code>/complain/", complaints.complaint_create_match, name="complaint-create-match"),
]
