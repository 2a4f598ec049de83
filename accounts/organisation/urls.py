"""Addresses of organisations."""

from django.urls import path

from accounts.organisation import views

urlpatterns = [
    path("organisations/", views.organisation_list, name="organisation-list"),
    path("organisations/new/", views.organisation_create, name="organisation-create"),
    path("organisations/verification/", views.verification_queue, name="verification-queue"),
    path("organisations/<str:code>/", views.organisation_detail, name="organisation-detail"),
    path("organisations/<str:code>/edit/", views.organisation_edit, name="organisation-edit"),
    path("organisations/<str:code>/verification/", views.verification_decide, name="verification-decide"),
]
