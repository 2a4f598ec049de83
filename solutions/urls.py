"""Addresses of solutions: research outputs under outputs/, institution profiles under institutions/."""

from django.urls import path

from solutions.institution import views as institutions
from solutions.output import views as outputs
from solutions.solution import views as review

app_name = "solutions"

urlpatterns = [
    path("outputs/", outputs.output_list, name="list"),
    path("outputs/new/", outputs.create, name="create"),
    path("outputs/mine/", outputs.mine, name="mine"),
    path("outputs/bulk/", outputs.bulk, name="bulk"),
    path("outputs/review/", review.queue, name="review-queue"),
    path("outputs/<str:code>/", outputs.detail, name="detail"),
    path("outputs/<str:code>/edit/", outputs.edit, name="edit"),
    path("outputs/<str:code>/submit/", outputs.submit, name="submit"),
    path("outputs/<str:code>/withdraw/", outputs.withdraw, name="withdraw"),
    path("outputs/<str:code>/publish/", review.publish, name="publish"),
    path("outputs/<str:code>/return/", review.send_back, name="return"),
    path("outputs/<str:code>/acknowledge/", review.acknowledge, name="acknowledge"),
    path("institutions/", institutions.institution_list, name="institution-list"),
    path("institutions/profile/", institutions.profile_edit, name="profile-edit"),
]
