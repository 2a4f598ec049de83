"""Addresses of accounts: one's own account under account/, organisations under organisations/."""

from django.urls import include, path

app_name = "accounts"

urlpatterns = [
    path("", include("accounts.person.urls")),
    path("", include("accounts.notice.urls")),
    path("", include("accounts.organisation.urls")),
    path("", include("accounts.membership.urls")),
]
