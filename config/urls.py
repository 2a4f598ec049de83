"""Every address of the site."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("accounts.urls")),
    path("", include("solutions.urls")),
    path("needs/", include("needs.urls")),
    path("matches/", include("matching.urls")),
    path("api/v1/", include("config.api")),
    # Visitors choose a language too: Django's own urls module leaves this view behind the login.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
]
