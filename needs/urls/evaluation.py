"""Addresses of the evaluation and the award."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
