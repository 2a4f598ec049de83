"""One function per address; each loads through `visible_to`, makes one domain call, answers."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing on GET, also an empty POST on POST."""
    return request.POST if request.method == "POST" else None
