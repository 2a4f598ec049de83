"""Addresses of what a need discloses: agreement, named organisations, log, files."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
