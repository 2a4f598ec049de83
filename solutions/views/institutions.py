"""Institution profiles: who is out there, and one's own page."""

from django.http import Http404, HttpRequest, HttpResponse


def institution_list(request: HttpRequest) -> HttpResponse:
    raise Http404


def profile_edit(request: HttpRequest) -> HttpResponse:
    raise Http404
