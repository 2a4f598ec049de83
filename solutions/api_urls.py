"""Addresses of solutions in the API: those of each kind."""

from django.urls import include, path

from solutions.kinds import KINDS

urlpatterns = [path("", include(kind.api_urls)) for kind in KINDS]
