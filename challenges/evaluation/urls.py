"""Addresses of reviews, the evaluation, the award and the answers."""

from django.urls import path

from challenges.answer import views as answers
from challenges.evaluation import views as evaluation
from challenges.review import views as reviews

urlpatterns = [
    path("reviews/", reviews.mine, name="review-mine"),
    path("challenges/<str:code>/review/", reviews.detail, name="review"),
    path("challenges/<str:code>/review/declare/", reviews.declare, name="reviewer-declare"),
    path("challenges/<str:code>/review/recuse/", reviews.recuse, name="reviewer-recuse"),
    path("challenges/<str:code>/review/<int:label>/", reviews.scorecard, name="scorecard"),
    path("challenges/<str:code>/evaluation/", evaluation.detail, name="evaluation"),
    path("challenges/<str:code>/evaluation/assign/", evaluation.assign, name="reviewer-assign"),
    path("challenges/<str:code>/evaluation/<int:pk>/remove/", evaluation.remove, name="reviewer-remove"),
    path("challenges/<str:code>/minutes/", evaluation.minutes_print, name="minutes-print"),
    path("challenges/<str:code>/minutes/draw-up/", evaluation.draw_up, name="minutes-draw-up"),
    path("challenges/<str:code>/minutes/sign/", reviews.sign, name="minutes-sign"),
    path("challenges/<str:code>/award/", evaluation.award, name="award"),
    path("challenges/<str:code>/declare-failed/", evaluation.declare_failed, name="declare-failed"),
    path("bids/<str:code>/answer/", answers.answer, name="bid-answer"),
    path("bids/<str:code>/appeal/", answers.appeal, name="bid-appeal"),
    path("bids/<str:code>/appeal/decide/", answers.decide, name="appeal-decide"),
    path("avoidances/", reviews.avoidances, name="avoidances"),
    path("avoidances/<str:code>/withdraw/", reviews.withdraw_avoidance, name="avoidance-withdraw"),
]
