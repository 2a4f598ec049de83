"""Files: put one with a need, hand one out, take one away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PublicRequest, Request
from accounts.permissions import check_writes_for
from needs.files import actions, kinds
from needs.files.forms import AttachmentForm
from needs.files.view_parts import file_response
from needs.models import DisclosureChannel
from needs.need.views import visible_need


@require_safe
@login_not_required
def download(request: PublicRequest, code: str) -> FileResponse:
    """The file, to whoever may read it now; 404 to everybody else, as if it did not exist."""
    if (attachment := kinds.find(code)) is None:
        raise Http404
    return file_response(request.viewer, attachment, channel=DisclosureChannel.DOWNLOAD)


@require_POST
def attach_to_need(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    check_writes_for(request.user, need.organisation)
    form = AttachmentForm(request.POST, request.FILES, with_level=True)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(f"{need.get_absolute_url()}#files")
    try:
        attachment = actions.attach_to_need(
            need=need,
            upload=form.cleaned_data["file"],
            level=form.cleaned_data["level"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("已上传“%(name)s”。") % {"name": attachment.name})
    except actions.Unacceptable as error:
        messages.error(request, str(error))
    return redirect(f"{need.get_absolute_url()}#files")


@require_POST
def remove(request: Request, code: str) -> HttpResponse:
    """Take a need's file away; the page of the need follows."""
    attachment = kinds.find(code)
    if attachment is None or attachment.removed_at is not None or not actions.may_read(request.user, attachment):
        raise Http404
    actions.remove(attachment=attachment, by=request.user, at=timezone.now())
    messages.success(request, _("已移除“%(name)s”。") % {"name": attachment.name})
    return redirect(attachment.owner)
