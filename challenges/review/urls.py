"""Addresses of a reviewer's pages."""

from django.urls import path

from challenges.review import views

urlpatterns = [
    path("reviews/", views.mine, name="review-mine"),
    path("challenges/<str:code>/review/", views.detail, name="review"),
    path("challenges/<str:code>/review/declare/", views.declare, name="reviewer-declare"),
    path("challenges/<str:code>/review/recuse/", views.recuse, name="reviewer-recuse"),
    path("challenges/<str:code>/review/<int:label>/", views.scorecard, name="scorecard"),
    path("challenges/<str:code>/minutes/sign/", views.sign, name="minutes-sign"),
    path("avoidances/", views.avoidances, name="avoidances"),
    path("avoidances/<str:code>/withdraw/", views.withdraw_avoidance, name="avoidance-withdraw"),
]
