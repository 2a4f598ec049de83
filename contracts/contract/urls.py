"""Addresses of contracts, to the signature and the early end."""

from django.urls import path

from contracts.contract import views

CONTRACT = "contracts/<str:code>/"

urlpatterns = [
    path("contracts/", views.mine, name="mine"),
    path(CONTRACT, views.detail, name="detail"),
    path(f"{CONTRACT}print/", views.print_contract, name="print"),
    path(f"{CONTRACT}certificate/", views.certificate, name="certificate"),
    path(f"{CONTRACT}edit/", views.edit, name="edit"),
    path(f"{CONTRACT}confirm/", views.confirm, name="confirm"),
    path(f"{CONTRACT}funding/", views.funding, name="funding"),
    path(f"{CONTRACT}terminate/", views.terminate, name="terminate"),
    path(f"{CONTRACT}attach/", views.attach, name="attach"),
]
