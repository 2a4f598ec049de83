"""Addresses of contracts, milestones, outcomes and success cases."""

from django.urls import path

from needs.views import contract_editing, contracts, delivery, outcomes

CONTRACT = "contracts/<str:code>/"
MILESTONE = "contracts/<str:code>/milestones/<int:position>/"

urlpatterns = [
    path("contracts/", contracts.mine, name="contract-mine"),
    path(CONTRACT, contracts.detail, name="contract-detail"),
    path(f"{CONTRACT}print/", contracts.print_contract, name="contract-print"),
    path(f"{CONTRACT}certificate/", contracts.certificate, name="contract-certificate"),
    path(f"{CONTRACT}edit/", contract_editing.edit, name="contract-edit"),
    path(f"{CONTRACT}confirm/", contract_editing.confirm, name="contract-confirm"),
    path(f"{CONTRACT}funding/", contract_editing.funding, name="contract-funding"),
    path(f"{CONTRACT}terminate/", contract_editing.terminate, name="contract-terminate"),
    path(f"{CONTRACT}attach/", contract_editing.attach, name="contract-attach"),
    path(f"{MILESTONE}deliver/", delivery.deliver, name="milestone-deliver"),
    path(f"{MILESTONE}accept/", delivery.accept_milestone, name="milestone-accept"),
    path(f"{MILESTONE}return/", delivery.return_milestone, name="milestone-return"),
    path(f"{CONTRACT}payments/add/", delivery.add_payment, name="payment-add"),
    path(f"{CONTRACT}accept/", delivery.accept, name="contract-accept"),
    path(f"{CONTRACT}reject/", delivery.reject, name="contract-reject"),
    path(f"{CONTRACT}resume/", delivery.resume, name="contract-resume"),
    path(f"{CONTRACT}solve/", outcomes.solve, name="contract-solve"),
    path(f"{CONTRACT}rate/", outcomes.rate, name="contract-rate"),
    path(f"{CONTRACT}case/", outcomes.case_edit, name="case-edit"),
    path("cases/", outcomes.case_list, name="case-list"),
    path("cases/<str:code>/", outcomes.case_detail, name="case-detail"),
    path("cases/<str:code>/approve/", outcomes.case_approve, name="case-approve"),
    path("cases/<str:code>/withdraw/", outcomes.case_withdraw, name="case-withdraw"),
]
