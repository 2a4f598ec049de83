"""Addresses of milestones, payments and the final acceptance."""

from django.urls import path

from contracts.delivery import views

CONTRACT = "contracts/<str:code>/"
MILESTONE = "contracts/<str:code>/milestones/<int:position>/"

urlpatterns = [
    path(f"{MILESTONE}deliver/", views.deliver, name="milestone-deliver"),
    path(f"{MILESTONE}accept/", views.accept_milestone, name="milestone-accept"),
    path(f"{MILESTONE}return/", views.return_milestone, name="milestone-return"),
    path(f"{CONTRACT}payments/add/", views.add_payment, name="payment-add"),
    path(f"{CONTRACT}accept/", views.accept, name="accept"),
    path(f"{CONTRACT}reject/", views.reject, name="reject"),
    path(f"{CONTRACT}resume/", views.resume, name="resume"),
]
