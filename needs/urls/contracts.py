"""Addresses of contracts, milestones, outcomes and success cases."""

from django.urls import path

from needs.views import contracts

urlpatterns = [
    path("contracts/<str:code>/", contracts.detail, name="contract-detail"),
]
