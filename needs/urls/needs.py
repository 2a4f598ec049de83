"""Addresses of technical needs."""

from django.urls import path

from needs.views import editing, pages, review, states

urlpatterns = [
    path("needs/", pages.need_list, name="list"),
    path("needs/new/", editing.create, name="create"),
    path("needs/mine/", pages.mine, name="mine"),
    path("needs/bulk/", states.bulk, name="bulk"),
    path("needs/review/", review.queue, name="review-queue"),
    path("needs/<str:code>/", pages.detail, name="detail"),
    path("needs/<str:code>/edit/", editing.edit, name="edit"),
    path("needs/<str:code>/submit/", states.submit, name="submit"),
    path("needs/<str:code>/withdraw/", states.withdraw, name="withdraw"),
    path("needs/<str:code>/close/", states.close, name="close"),
    path("needs/<str:code>/publish/", review.publish, name="publish"),
    path("needs/<str:code>/return/", review.send_back, name="return"),
    path("needs/<str:code>/acknowledge/", review.acknowledge, name="acknowledge"),
    path("needs/<str:code>/assign/", review.assign, name="assign"),
]
