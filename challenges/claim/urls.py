"""Addresses of claims."""

from django.urls import path

from challenges.claim import views

urlpatterns = [
    path("challenges/<str:code>/claim/", views.claim, name="claim"),
    path("challenges/<str:code>/claims/", views.claim_list, name="claim-list"),
    path("bids/<str:code>/accept/", views.accept, name="claim-accept"),
    path("bids/<str:code>/refuse/", views.refuse, name="claim-refuse"),
]
