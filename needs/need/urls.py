"""Addresses of technical needs."""

from django.urls import path

from needs.need import review_views, views

urlpatterns = [
    path("needs/", views.need_list, name="list"),
    path("needs/new/", views.create, name="create"),
    path("needs/mine/", views.mine, name="mine"),
    path("needs/bulk/", review_views.bulk, name="bulk"),
    path("needs/review/", review_views.queue, name="review-queue"),
    path("needs/<str:code>/", views.detail, name="detail"),
    path("needs/<str:code>/edit/", views.edit, name="edit"),
    path("needs/<str:code>/submit/", views.submit, name="submit"),
    path("needs/<str:code>/withdraw/", views.withdraw, name="withdraw"),
    path("needs/<str:code>/close/", views.close, name="close"),
    path("needs/<str:code>/publish/", review_views.publish, name="publish"),
    path("needs/<str:code>/return/", review_views.send_back, name="return"),
    path("needs/<str:code>/acknowledge/", review_views.acknowledge, name="acknowledge"),
    path("needs/<str:code>/assign/", review_views.assign, name="assign"),
]
