"""Addresses of contracts, milestones, outcomes and success cases."""

from django.urls import path

from contracts.contract import views as contracts
from contracts.delivery import views as delivery
from contracts.outcome import views as outcomes

app_name = "contracts"

CONTRACT = "contracts/<str:code>/"
MILESTONE = "contracts/<str:code>/milestones/<int:position>/"

urlpatterns = [
    path("contracts/", contracts.mine, name="mine"),
    path(CONTRACT, contracts.detail, name="detail"),
    path(f"{CONTRACT}print/", contracts.print_contract, name="print"),
    path(f"{CONTRACT}certificate/", contracts.certificate, name="certificate"),
    path(f"{CONTRACT}edit/", contracts.edit, name="edit"),
    path(f"{CONTRACT}confirm/", contracts.confirm, name="confirm"),
    path(f"{CONTRACT}funding/", contracts.funding, name="funding"),
    path(f"{CONTRACT}terminate/", contracts.terminate, name="terminate"),
    path(f"{CONTRACT}attach/", contracts.attach, name="attach"),
    path(f"{MILESTONE}deliver/", delivery.deliver, name="milestone-deliver"),
    path(f"{MILESTONE}accept/", delivery.accept_milestone, name="milestone-accept"),
    path(f"{MILESTONE}return/", delivery.return_milestone, name="milestone-return"),
    path(f"{CONTRACT}payments/add/", delivery.add_payment, name="payment-add"),
    path(f"{CONTRACT}accept/", delivery.accept, name="accept"),
    path(f"{CONTRACT}reject/", delivery.reject, name="reject"),
    path(f"{CONTRACT}resume/", delivery.resume, name="resume"),
    path(f"{CONTRACT}solve/", outcomes.solve, name="solve"),
    path(f"{CONTRACT}rate/", outcomes.rate, name="rate"),
    path(f"{CONTRACT}case/", outcomes.case_edit, name="case-edit"),
    path("cases/", outcomes.case_list, name="case-list"),
    path("cases/<str:code>/", outcomes.case_detail, name="case-detail"),
    path("cases/<str:code>/approve/", outcomes.case_approve, name="case-approve"),
    path("cases/<str:code>/withdraw/", outcomes.case_withdraw, name="case-withdraw"),
]
