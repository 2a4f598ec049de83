"""Addresses of contracts, milestones, outcomes and success cases."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
