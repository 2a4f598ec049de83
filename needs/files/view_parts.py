"""What the pages and the API share: handing a file out."""

from django.http import FileResponse, Http404
from django.utils import timezone

from accounts.permissions import Denied
from accounts.viewer import Viewer
from needs.disclosure.actions import log_download
from needs.files import actions
from needs.models import Attachment


def file_response(viewer: Viewer, attachment: Attachment, *, channel: str) -> FileResponse:
    """The bytes as a download, never shown in the page's own name; what is not public is written into the log."""
    try:
        content = actions.open_for(viewer.user, attachment)
    except (Denied, actions.Gone) as error:
        raise Http404 from error
    log_download(attachment=attachment, viewer=viewer, channel=channel, at=timezone.now())
    response = FileResponse(content, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
