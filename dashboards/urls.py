"""Addresses of the pages that compose."""

from django.urls import path

from dashboards import clock, views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/funnel/<str:step>/", views.funnel_step, name="funnel-step"),
    path("desk/clock/", clock.clock, name="clock"),
    path("desk/clock/needs/", clock.clock_needs, name="clock-needs"),
    path("desk/clock/export/", clock.clock_export, name="clock-export"),
    path("about-matching/", views.about_matching, name="about-matching"),
]
