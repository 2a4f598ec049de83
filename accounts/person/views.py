"""One's own account: registration, login and logout, language, profile, password, API key, for whom one acts."""

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from accounts.http import PublicRequest, Request, posted
from accounts.middleware import SESSION_KEY
from accounts.models import User
from accounts.person import actions
from accounts.person.forms import ChangePasswordForm, LoginForm, ProfileForm, RegisterForm

CHOSEN_LANGUAGE = "chosen_language"  # in the session: what a visitor picked before logging in
SHOWN_ONCE = "api_key_shown_once"  # in the session: a new key, until the page that shows it


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: PublicRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_page(request))
    form = LoginForm(request, data=posted(request))
    if request.method == "POST" and form.is_valid():
        return _enter(request, form.get_user(), next_page(request))
    return render(request, "accounts/person/login.html", {"form": form, "next": asked_for(request)})


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def register(request: PublicRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_page(request))
    form = RegisterForm(posted(request), initial={"email": request.GET.get("email", "")[:254]})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        # A second click finds the account of the first one, with the same password: that is a login.
        user = auth.authenticate(request, username=data["email"], password=data["password"])
        try:
            user = user or actions.register(
                **data, at=timezone.now(), language=get_language() or settings.LANGUAGE_CODE
            )
        except actions.EmailTaken as taken:
            form.add_error("email", str(taken))
        else:
            messages.success(request, _("欢迎，%(name)s。") % {"name": user.name})
            return _enter(request, user, asked_for(request) or resolve_url("accounts:organisation-create"))
    return render(request, "accounts/person/register.html", {"form": form, "next": asked_for(request)})


@require_POST
def logout(request: Request) -> HttpResponse:
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@login_not_required
@require_POST
def set_language(request: PublicRequest) -> HttpResponse:
    """Django's own view (cookie, `next`), which a person's account remembers too."""
    language = request.POST.get("language", "")
    if check_for_language(language):
        if request.user.is_authenticated:
            actions.change_language(user=request.user, language=language)
        else:
            request.session[CHOSEN_LANGUAGE] = language
    return i18n.set_language(request)


@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    # A second instance: what was typed must not stand in the header before it is valid and saved.
    form = ProfileForm(posted(request), instance=User.objects.get(email=request.user.email))
    if request.method == "POST" and form.is_valid():
        user = actions.change_profile(user=request.user, values=form.cleaned_data)
        with translation.override(user.language):
            messages.success(request, _("个人资料已保存。"))
        response = redirect("accounts:profile")
        remember_language(response, user.language)
        return response
    return render(request, "accounts/person/profile.html", {"form": form, "memberships": request.memberships})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password_change(request: Request) -> HttpResponse:
    form = ChangePasswordForm(request.user, posted(request))
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("密码已修改，其他设备上的登录已失效。"))
        return redirect("accounts:profile")
    return render(request, "accounts/person/password_change.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def token(request: Request) -> HttpResponse:
    """The key to the API. POST `action`: `renew` makes one and shows it once, `revoke` takes it away."""
    if request.method == "POST":
        if request.POST.get("action") == "revoke":
            actions.revoke_token(user=request.user)
            messages.success(request, _("访问令牌已撤销。"))
        else:
            request.session[SHOWN_ONCE] = actions.renew_token(user=request.user).key
        return redirect("accounts:token")
    context = {
        "existing": Token.objects.filter(user=request.user).first(),
        "new_key": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "accounts/person/token.html", context)


@require_POST
def choose_organisation(request: Request) -> HttpResponse:
    """Speak for another of one's organisations from now on (POST `organisation`: its code)."""
    chosen = next((m for m in request.memberships if m.organisation.code == request.POST.get("organisation")), None)
    if chosen is None:
        raise Http404
    request.session[SESSION_KEY] = chosen.organisation.code
    messages.success(request, _("现在代表 %(organisation)s。") % {"organisation": chosen.organisation.name})
    return HttpResponseRedirect(next_page(request))


def asked_for(request: PublicRequest) -> str:
    """The `next` address if it is one of ours, else ""."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return page if safe else ""


def next_page(request: PublicRequest) -> str:
    return asked_for(request) or resolve_url(settings.LOGIN_REDIRECT_URL)


def remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _enter(request: PublicRequest, user: User, page: str) -> HttpResponse:
    """Log in. The language is the account's, unless the visitor chose another one on the way in."""
    if chosen := request.session.pop(CHOSEN_LANGUAGE, ""):
        user = actions.change_language(user=user, language=chosen)
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = HttpResponseRedirect(page)
    remember_language(response, user.language)
    return response
