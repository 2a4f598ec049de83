"""Addresses of the pages that compose."""

from django.urls import path

from dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/funnel/<str:step>/", views.funnel_step, name="funnel-step"),
    path("about-matching/", views.about_matching, name="about-matching"),
]
