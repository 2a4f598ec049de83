"""One's own account: name, language, recommendations, password, API token, which organisation one speaks for."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from accounts.domain import users
from accounts.forms import ChangePasswordForm, ProfileForm
from accounts.http import Request
from accounts.middleware import SESSION_KEY
from accounts.models import User
from accounts.views import posted
from accounts.views.session import next_page, remember_language

SHOWN_ONCE = "api_key_shown_once"  # session key


@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    # A second instance: what was typed must not stand in the header before it is valid and saved.
    form = ProfileForm(posted(request), instance=User.objects.get(email=request.user.email))
    if request.method == "POST" and form.is_valid():
        user = users.change_profile(user=request.user, values=form.cleaned_data)
        with translation.override(user.language):
            messages.success(request, _("个人资料已保存。"))
        response = redirect("accounts:profile")
        remember_language(response, user.language)
        return response
    return render(request, "accounts/profile.html", {"form": form, "memberships": request.memberships})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password_change(request: Request) -> HttpResponse:
    form = ChangePasswordForm(request.user, posted(request))
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("密码已修改，其他设备上的登录已失效。"))
        return redirect("accounts:profile")
    return render(request, "accounts/password_change.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def token(request: Request) -> HttpResponse:
    """The key to the API. POST `action`: `renew` makes one and shows it once, `revoke` takes it away."""
    if request.method == "POST":
        if request.POST.get("action") == "revoke":
            users.revoke_token(user=request.user)
            messages.success(request, _("访问令牌已撤销。"))
        else:
            request.session[SHOWN_ONCE] = users.renew_token(user=request.user).key
        return redirect("accounts:token")
    context = {
        "existing": Token.objects.filter(user=request.user).first(),
        "new_key": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "accounts/token.html", context)


@require_POST
def choose_organisation(request: Request) -> HttpResponse:
    """Speak for another of one's organisations from now on (POST `organisation`: its code)."""
    chosen = next((m for m in request.memberships if m.organisation.code == request.POST.get("organisation")), None)
    if chosen is None:
        raise Http404
    request.session[SESSION_KEY] = chosen.organisation.code
    messages.success(request, _("现在代表 %(organisation)s。") % {"organisation": chosen.organisation.name})
    return HttpResponseRedirect(next_page(request))
