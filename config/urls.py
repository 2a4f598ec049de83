"""Every address of the site."""

from django.urls import include, path

from accounts.person.views import set_language

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("accounts.urls")),
    path("", include("solutions.urls")),
    path("", include("needs.urls")),
    path("", include("contracts.urls")),
    path("", include("challenges.urls")),
    path("matches/", include("care.urls")),
    path("matches/", include("matching.urls")),
    path("api/", include("config.api")),
    # Django's view, open to visitors, and remembered with the account of a person.
    path("i18n/setlang/", set_language, name="set_language"),
]
