"""Addresses of an entry of whatever kind, and of the operators' queue."""

from django.urls import path

from solutions.solution import views

urlpatterns = [
    path("review/", views.queue, name="review-queue"),
    path("<str:code>/", views.detail, name="detail"),
    path("<str:code>/submit/", views.submit, name="submit"),
    path("<str:code>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:code>/publish/", views.publish, name="publish"),
    path("<str:code>/return/", views.send_back, name="return"),
    path("<str:code>/acknowledge/", views.acknowledge, name="acknowledge"),
]
