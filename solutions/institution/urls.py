"""Addresses of institutions' profiles."""

from django.urls import path

from solutions.institution import views

urlpatterns = [
    path("institutions/", views.institution_list, name="institution-list"),
    path("institutions/profile/", views.profile_edit, name="profile-edit"),
]
