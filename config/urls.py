"""Every address of the site."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("accounts.urls")),
    path("", include("solutions.urls")),
    path("needs/", include("needs.urls")),
    path("matches/", include("matching.urls")),
    path("api/v1/", include("config.api")),
    path("i18n/", include("django.conf.urls.i18n")),
]
