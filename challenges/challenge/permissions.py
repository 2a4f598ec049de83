"""Who may do what to challenges and objections: `check_…` raises the reason, the others answer yes or no."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Anyone, Membership, Organisation, OrganisationKind, User, is_operator
from accounts.permissions import (
    Denied,
    belongs_to,
    check_operator,
    check_verified,
    check_writes_for,
    writes_for,
)
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeMode, ChallengeState
from challenges.models import Bid, Challenge, ObjectionStage
from needs.models import Need
from needs.need.workflow import NeedState

EDITABLE = CHALLENGE_ACTIONS["submit"].sources
# States from which a further round may start; "closed" only without an award that stands.
REPEATABLE = frozenset({ChallengeState.FAILED, ChallengeState.CANCELLED, ChallengeState.CLOSED})
ENDED = REPEATABLE


def check_owns(user: User, challenge: Challenge) -> None:
    check_writes_for(user, challenge.need.organisation)


def check_owns_or_operates(user: User, challenge: Challenge) -> None:
    if not is_operator(user):
        check_owns(user, challenge)


def check_decides(user: User, challenge: Challenge) -> None:
    """An operator decides an appeal or an objection, but nobody in a cause of their own.

    Whoever belongs to the poser, to a bidder or to an organisation that objects leaves it to another operator.
    """
    check_operator(user)
    parties = (
        Q(organisation=challenge.need.organisation_id)
        | Q(organisation__in=Bid.objects.handed_in().filter(challenge=challenge).values("organisation"))
        | Q(organisation__in=challenge.objections.values("organisation"))
    )
    if Membership.objects.active().filter(parties, user=user).exists():
        raise Denied(_("您所在的机构是这份榜单的一方，请由其他运营人员处理。"))


def check_objects(user: User, organisation: Organisation, challenge: Challenge) -> None:
    """Any verified organisation may object through somebody who writes for it; the poser has other ways.

    Not the platform's: whoever decides belongs to it, and nobody decides in a cause of their own (`check_decides`).
    """
    check_writes_for(user, organisation)
    check_verified(organisation)
    if organisation.kind == OrganisationKind.OPERATOR:
        raise Denied(_("运营机构负责处理异议，不能自己提出异议；发现问题时，可以退回或终止榜单。"))
    if organisation == challenge.need.organisation:
        raise Denied(_("发榜单位不能对自己的榜单提出异议；需要更改时，可以终止榜单后再发。"))


def may_object(user: Anyone, organisation: Organisation | None, challenge: Challenge) -> bool:
    return (
        organisation is not None
        and organisation.kind != OrganisationKind.OPERATOR
        and organisation.is_verified
        and organisation != challenge.need.organisation
        and writes_for(user, organisation)
    )


def objection_stage(challenge: Challenge, at: datetime) -> str | None:
    """The stage an objection raised `at` belongs to; None when there is no notice period just now."""
    if challenge.state == ChallengeState.NOTICE and challenge.notice_until and at < challenge.notice_until:
        return ObjectionStage.NOTICE
    in_result_notice = challenge.result_notice_until is not None and at < challenge.result_notice_until
    if challenge.state == ChallengeState.AWARDED and in_result_notice and not challenge.is_first_claim:
        return ObjectionStage.RESULT
    return None


def is_insider(user: User | AnonymousUser, challenge: Challenge) -> bool:
    """The poser's organisation and operators: they see drafts, reasons and the record."""
    return is_operator(user) or belongs_to(user, challenge.need.organisation)


def can_start_challenge(user: User | AnonymousUser, need: Need) -> bool:
    """Whether a draft of a challenge may be begun on `need`; whether one is under way already is the domain's."""
    return need.state == NeedState.PUBLISHED and writes_for(user, need.organisation)


def allowed_challenge_actions(user: User | AnonymousUser, challenge: Challenge) -> frozenset[str]:
    """What `user` may do to `challenge` now: names of CHALLENGE_ACTIONS, and edit, second_round."""
    actors = set()
    if writes_for(user, challenge.need.organisation):
        actors.add("owner")
    if is_operator(user):
        actors.add("operator")
    actions = {
        name
        for name, transition in CHALLENGE_ACTIONS.items()
        if transition.actors & actors and challenge.state in transition.sources and _fits_mode(name, challenge.mode)
    }
    if "owner" in actors and challenge.state in EDITABLE:
        actions.add("edit")
    if "owner" in actors and challenge.state in REPEATABLE:
        actions.add("second_round")
    return frozenset(actions)


def _fits_mode(action: str, mode: str) -> bool:
    """A claim is refused on a first claim only; only bids of an open challenge go back to be evaluated again."""
    if action == "refuse_claim":
        return mode == ChallengeMode.FIRST_CLAIM
    return action != "reopen" or mode == ChallengeMode.OPEN_CHALLENGE
