"""Addresses of bids and claims."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
