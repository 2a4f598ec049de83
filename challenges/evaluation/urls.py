"""Addresses of the evaluation, the minutes and the award."""

from django.urls import path

from challenges.evaluation import views

urlpatterns = [
    path("challenges/<str:code>/evaluation/", views.detail, name="evaluation"),
    path("challenges/<str:code>/evaluation/assign/", views.assign, name="reviewer-assign"),
    path("challenges/<str:code>/evaluation/<int:pk>/remove/", views.remove, name="reviewer-remove"),
    path("challenges/<str:code>/minutes/", views.minutes_print, name="minutes-print"),
    path("challenges/<str:code>/minutes/draw-up/", views.draw_up, name="minutes-draw-up"),
    path("challenges/<str:code>/award/", views.award, name="award"),
    path("challenges/<str:code>/declare-failed/", views.declare_failed, name="declare-failed"),
]
