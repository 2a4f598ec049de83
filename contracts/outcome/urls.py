"""Addresses of outcomes, ratings and success cases."""

from django.urls import path

from contracts.outcome import views

CONTRACT = "contracts/<str:code>/"

urlpatterns = [
    path(f"{CONTRACT}solve/", views.solve, name="solve"),
    path(f"{CONTRACT}rate/", views.rate, name="rate"),
    path(f"{CONTRACT}case/", views.case_edit, name="case-edit"),
    path("cases/", views.case_list, name="case-list"),
    path("cases/<str:code>/", views.case_detail, name="case-detail"),
    path("cases/<str:code>/approve/", views.case_approve, name="case-approve"),
    path("cases/<str:code>/withdraw/", views.case_withdraw, name="case-withdraw"),
]
