"""Addresses of answers to bids and of appeals against them."""

from django.urls import path

from challenges.answer import views

urlpatterns = [
    path("bids/<str:code>/answer/", views.answer, name="bid-answer"),
    path("bids/<str:code>/appeal/", views.appeal, name="bid-appeal"),
    path("bids/<str:code>/appeal/decide/", views.decide, name="appeal-decide"),
]
