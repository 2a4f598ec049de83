"""Mounts the API of every app under /api/v1/, and its description."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.api.viewsets import UnknownAddress

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("accounts.api_urls")),
    path("v1/", include("solutions.api_urls")),
    path("v1/", include("needs.api_urls")),
    path("v1/", include("contracts.api_urls")),
    path("v1/", include("challenges.api_urls")),
    path("v1/", include("matching.api_urls")),
    path("v1/", include("care.api_urls")),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    # Last: an error of the API has the API's shape, also where there is nothing.
    re_path("", UnknownAddress.as_view()),
]
