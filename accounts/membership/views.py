"""Members of an organisation and invitations to it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PublicRequest, Request
from accounts.membership import actions
from accounts.membership.forms import InviteForm, RoleForm
from accounts.membership.queries import members_of
from accounts.middleware import SESSION_KEY
from accounts.models import Invitation, Membership, Organisation, Role
from accounts.permissions import Denied, check_manages


@require_GET
def members(request: Request, code: str) -> HttpResponse:
    return _page(request, _organisation(request, code), InviteForm())


@require_POST
def invite(request: Request, code: str) -> HttpResponse:
    organisation = _organisation(request, code)
    form = InviteForm(request.POST)
    if not form.is_valid():
        check_manages(request.user, organisation)
        return _page(request, organisation, form)
    try:
        invitation = actions.invite(organisation=organisation, **form.cleaned_data, by=request.user, at=timezone.now())
    except actions.AlreadyMember as already:
        form.add_error("email", str(already))
        return _page(request, organisation, form)
    messages.success(request, _("已为 %(email)s 生成邀请链接，请复制下方链接发给对方。") % {"email": invitation.email})
    return redirect("accounts:members", organisation.code)


@require_POST
def member_role(request: Request, code: str, pk: int) -> HttpResponse:
    membership = _membership(request, code, pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        actions.change_role(membership=membership, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("角色已调整。"))
    else:
        messages.error(request, _("请选择一个角色。"))
    return redirect("accounts:members", code)


@require_POST
def member_end(request: Request, code: str, pk: int) -> HttpResponse:
    membership = _membership(request, code, pk)
    actions.end_membership(membership=membership, by=request.user, at=timezone.now())
    if membership.user == request.user:
        messages.success(request, _("您已离开 %(organisation)s。") % {"organisation": membership.organisation.name})
        return redirect("accounts:profile")
    messages.success(request, _("%(person)s 已不再是成员。") % {"person": membership.user.name})
    return redirect("accounts:members", code)


@require_POST
def invitation_revoke(request: Request, code: str, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, organisation=_organisation(request, code), pk=pk)
    actions.revoke_invitation(invitation=invitation, by=request.user, at=timezone.now())
    messages.success(request, _("邀请已撤销，链接不再有效。"))
    return redirect("accounts:members", code)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: PublicRequest, token: str) -> HttpResponse:
    """Shows who invites, also to somebody without an account yet; POST joins."""
    invitation = get_object_or_404(Invitation.objects.select_related("organisation", "invited_by"), token=token)
    if request.method == "POST" and request.user.is_authenticated:
        membership = actions.accept_invitation(token=token, by=request.user, at=timezone.now())
        request.session[SESSION_KEY] = membership.organisation.code
        messages.success(request, _("您已加入 %(organisation)s。") % {"organisation": membership.organisation.name})
        return redirect(membership.organisation)
    is_open = Invitation.objects.open(timezone.now()).filter(pk=invitation.pk).exists()
    context = {"invitation": invitation, "is_open": is_open, "for_me": _is_for(request, invitation)}
    return render(request, "accounts/membership/invitation.html", context, status=200 if is_open else 410)


def _is_for(request: PublicRequest, invitation: Invitation) -> bool:
    return request.user.is_authenticated and request.user.email.lower() == invitation.email.lower()


def _organisation(request: Request, code: str) -> Organisation:
    """Members and operators see who belongs; to others these pages say why not, or do not exist."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), code=code)
    if not request.is_operator and organisation.pk not in request.viewer.member_of:
        raise Denied(_("只有该机构的成员可以查看成员名单。"))
    return organisation


def _membership(request: Request, code: str, pk: int) -> Membership:
    found = Membership.objects.select_related("user", "organisation")
    return get_object_or_404(found, organisation=_organisation(request, code), pk=pk)


def _page(request: Request, organisation: Organisation, form: InviteForm) -> HttpResponse:
    is_owner = organisation.pk in request.viewer.manages
    still_open = Invitation.objects.open(timezone.now()).filter(organisation=organisation)
    context = {
        "organisation": organisation,
        "memberships": members_of(organisation),
        "invitations": still_open.order_by("-created_at", "-pk") if is_owner else [],
        "form": form,
        "roles": Role.choices,
        "is_owner": is_owner,
    }
    return render(request, "accounts/membership/members.html", context)
