"""Addresses of what a need discloses: agreement, named organisations, log."""

from django.urls import path

from needs.disclosure import views

urlpatterns = [
    path("needs/<str:code>/nda/", views.sign, name="nda"),
    path("nda/<str:code>/", views.record, name="nda-record"),
    path("nda/<str:code>/revoke/", views.revoke, name="nda-revoke"),
    path("needs/<str:code>/disclosure/", views.overview, name="disclosure"),
    path("needs/<str:code>/disclosure/name/", views.name, name="disclosure-name"),
    path("needs/<str:code>/disclosure/unname/", views.unname, name="disclosure-unname"),
]
