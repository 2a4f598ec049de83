"""Addresses of challenges."""

from django.urls import path

from challenges.challenge import views

urlpatterns = [
    path("challenges/", views.challenge_list, name="list"),
    path("challenges/mine/", views.mine, name="mine"),
    path("challenges/review/", views.review_queue, name="review-queue"),
    path("challenges/<str:code>/", views.detail, name="detail"),
    path("challenges/<str:code>/edit/", views.edit, name="edit"),
    path("challenges/<str:code>/submit/", views.submit, name="submit"),
    path("challenges/<str:code>/return/", views.send_back, name="return"),
    path("challenges/<str:code>/announce/", views.announce, name="announce"),
    path("challenges/<str:code>/extend/", views.extend, name="extend"),
    path("challenges/<str:code>/cancel/", views.cancel, name="cancel"),
    path("challenges/<str:code>/close/", views.close, name="close"),
    path("challenges/<str:code>/second-round/", views.second_round, name="second-round"),
    path("needs/<str:code>/challenge/", views.create, name="create"),
    path("needs/<str:code>/challenges/", views.of_need, name="of-need"),
]
