"""Addresses of the pages that compose."""

from django.urls import path

from dashboards import time_to_match, views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/funnel/<str:step>/", views.funnel_step, name="funnel-step"),
    path("desk/clock/", time_to_match.overview, name="clock"),
    path("desk/clock/needs/", time_to_match.needs, name="clock-needs"),
    path("desk/clock/export/", time_to_match.export, name="clock-export"),
    path("about-matching/", views.about_matching, name="about-matching"),
]
