"""Addresses of solutions: those of each kind, then those that entries of all kinds have."""

from django.urls import include, path

from solutions.kinds import KINDS

app_name = "solutions"

urlpatterns = [
    *(path("", include(kind.urls)) for kind in KINDS),
    path("outputs/", include("solutions.solution.urls")),
]
