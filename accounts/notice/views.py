"""What one was told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.models import Notification
from accounts.notice.actions import mark_read

PER_PAGE = 20


@require_GET
def notices(request: Request) -> HttpResponse:
    mine = Notification.objects.for_user(request.user)
    only_unread = request.GET.get("show") == "unread"
    shown = (mine.unread() if only_unread else mine).order_by("-created_at", "-pk")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/notice/notices.html", {"page_obj": page, "only_unread": only_unread})


@require_GET
def notice_open(request: Request, pk: int) -> HttpResponse:
    """Mark as read and go where the notice points."""
    notice = get_object_or_404(Notification.objects.for_user(request.user), pk=pk)
    mark_read(user=request.user, at=timezone.now(), pk=notice.pk)
    if url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return HttpResponseRedirect(notice.url)
    return redirect("accounts:notices")


@require_POST
def notices_read_all(request: Request) -> HttpResponse:
    mark_read(user=request.user, at=timezone.now())
    messages.success(request, _("已全部标为已读。"))
    return redirect("accounts:notices")
