"""Addresses of challenges."""

from django.urls import path

from needs.views import challenge_editing, challenge_pages, challenge_steps

urlpatterns = [
    path("challenges/", challenge_pages.challenge_list, name="challenge-list"),
    path("challenges/mine/", challenge_pages.mine, name="challenge-mine"),
    path("challenges/review/", challenge_pages.review_queue, name="challenge-review-queue"),
    path("challenges/<str:code>/", challenge_pages.detail, name="challenge-detail"),
    path("challenges/<str:code>/edit/", challenge_editing.edit, name="challenge-edit"),
    path("challenges/<str:code>/submit/", challenge_steps.submit, name="challenge-submit"),
    path("challenges/<str:code>/return/", challenge_steps.send_back, name="challenge-return"),
    path("challenges/<str:code>/announce/", challenge_steps.announce, name="challenge-announce"),
    path("challenges/<str:code>/extend/", challenge_steps.extend, name="challenge-extend"),
    path("challenges/<str:code>/cancel/", challenge_steps.cancel, name="challenge-cancel"),
    path("challenges/<str:code>/close/", challenge_steps.close, name="challenge-close"),
    path("challenges/<str:code>/second-round/", challenge_steps.second_round, name="challenge-second-round"),
    path("challenges/<str:code>/object/", challenge_steps.object_to, name="challenge-object"),
    path("challenges/<str:code>/objections/<int:pk>/", challenge_steps.decide_objection, name="objection-decide"),
    path("needs/<str:code>/challenge/", challenge_editing.create, name="challenge-create"),
    path("needs/<str:code>/challenges/", challenge_pages.of_need, name="challenge-of-need"),
]
