"""Writing a challenge: one form for drafts, for handing in and for what was returned."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.permissions import Denied, check_writes_for
from accounts.workflow import WrongState
from needs.domain import challenges as verbs
from needs.forms.challenges import (
    SUBMIT,
    USUAL_CRITERIA,
    BaseCriterionFormSet,
    ChallengeForm,
    CriterionFormSet,
    challenge_initial,
    first_values,
)
from needs.models import Challenge, Need
from needs.permissions.challenges import check_owns
from needs.views.challenge_common import visible_challenge
from needs.views.common import visible_need
from needs.workflow import ChallengeMode


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, code: str) -> HttpResponse:
    need, at = visible_need(request, code), clock.now()
    check_writes_for(request.user, need.organisation)
    if request.method == "POST":
        form, formset, hand_in = _read(request)
        if form.is_valid() & formset.is_valid():
            try:
                challenge = verbs.create_challenge(
                    need=need,
                    mode=form.content["mode"],
                    values=form.content,
                    criteria=_criteria(form, formset),
                    by=request.user,
                    at=at,
                )
            except WrongState as error:
                return _begun_already(request, need, error)
            return _saved(request, challenge, hand_in=hand_in)
    else:
        verbs.last_round(need)
        form = ChallengeForm(initial=first_values(mode=request.GET.get("mode", ""), at=at))
        formset = CriterionFormSet(initial=list(USUAL_CRITERIA), prefix="criteria")
    return _form_page(request, form, formset, need=need, challenge=None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    challenge, at = visible_challenge(request, code), clock.now()
    check_owns(request.user, challenge)
    if request.method == "POST":
        verbs.check_changeable(challenge=challenge, by=request.user, at=at)
        form, formset, hand_in = _read(request)
        if form.is_valid() & formset.is_valid():
            challenge = verbs.change_challenge(
                challenge=challenge,
                values=form.content,
                criteria=_criteria(form, formset),
                by=request.user,
                at=at,
            )
            return _saved(request, challenge, hand_in=hand_in)
    else:
        if challenge.state not in verbs.EDITABLE:
            messages.info(request, _("榜单提交之后，规则、评分项和权重不能再改。"))
            return redirect(challenge)
        form = ChallengeForm(initial=challenge_initial(challenge))
        formset = CriterionFormSet(initial=verbs.criteria_of(challenge), prefix="criteria")
    return _form_page(request, form, formset, need=challenge.need, challenge=challenge)


def _read(request: HttpRequest) -> tuple[ChallengeForm, BaseCriterionFormSet, bool]:
    hand_in = request.POST.get("intent") == SUBMIT
    form = ChallengeForm(request.POST, hand_in=hand_in)
    whole = hand_in and request.POST.get("mode") != ChallengeMode.FIRST_CLAIM
    return form, CriterionFormSet(request.POST, prefix="criteria", whole=whole), hand_in


def _criteria(form: ChallengeForm, formset: BaseCriterionFormSet) -> list[dict[str, object]]:
    """A first claim is not scored: the rows that stand in its form are not kept."""
    return [] if form.content["mode"] == ChallengeMode.FIRST_CLAIM else formset.rows


def _begun_already(request: HttpRequest, need: Need, error: WrongState) -> HttpResponse:
    """The form was sent twice, or a colleague was quicker: show the challenge there is."""
    messages.warning(request, str(error))
    running = need.challenges.order_by("-round").first()
    return redirect(running or need)


def _saved(request: HttpRequest, challenge: Challenge, *, hand_in: bool) -> HttpResponse:
    """Hand a saved challenge in when that was asked. What cannot be handed in stays saved."""
    if not hand_in:
        messages.success(request, _("草稿已保存。"))
        return redirect(challenge)
    try:
        verbs.submit_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已提交，等待平台论证；规则与评分项现已固定。"))
    except (Denied, verbs.NotReady) as error:
        messages.warning(request, _("内容已保存，但还不能提交：%(reason)s") % {"reason": error})
    return redirect(challenge)


def _form_page(
    request: HttpRequest,
    form: ChallengeForm,
    formset: BaseCriterionFormSet,
    *,
    need: Need,
    challenge: Challenge | None,
) -> HttpResponse:
    context = {"form": form, "formset": formset, "need": need, "challenge": challenge}
    return render(request, "needs/challenge_form.html", context)
