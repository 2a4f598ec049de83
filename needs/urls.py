"""Addresses of needs."""

from django.urls import path

from needs.views import editing, pages, review, states

app_name = "needs"

urlpatterns = [
    path("", pages.need_list, name="list"),
    path("new/", editing.create, name="create"),
    path("mine/", pages.mine, name="mine"),
    path("bulk/", states.bulk, name="bulk"),
    path("review/", review.queue, name="review-queue"),
    path("<str:code>/", pages.detail, name="detail"),
    path("<str:code>/edit/", editing.edit, name="edit"),
    path("<str:code>/submit/", states.submit, name="submit"),
    path("<str:code>/withdraw/", states.withdraw, name="withdraw"),
    path("<str:code>/close/", states.close, name="close"),
    path("<str:code>/publish/", review.publish, name="publish"),
    path("<str:code>/return/", review.send_back, name="return"),
    path("<str:code>/acknowledge/", review.acknowledge, name="acknowledge"),
    path("<str:code>/assign/", review.assign, name="assign"),
]
