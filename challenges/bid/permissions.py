"""Who may bid or claim, and who may do what to a bid: `check_…` raises the reason, the rest answers."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, OrganisationKind, User
from accounts.permissions import Denied, belongs_to, check_writes_for, writes_for
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.workflow import ChallengeState
from challenges.models import Bid, Challenge
from lib.refusals import WrongState
from needs.models import NdaAcceptance

WRITABLE = BID_ACTIONS["submit"].sources


def check_may_bid(user: User, organisation: Organisation, challenge: Challenge) -> None:
    """`user` writes for `organisation`, and it is one that may answer this challenge now."""
    check_writes_for(user, organisation)
    check_eligible(organisation, challenge)


def check_eligible(organisation: Organisation, challenge: Challenge) -> None:
    """Verified, of a kind that may, not affiliated with the poser, and bound by the agreement where one is asked."""
    if not organisation.is_verified:
        raise Denied(_("机构通过核验后才能揭榜或抢单；核验进度见机构页面。"))
    if not organisation.is_supply_side:
        raise Denied(_("您所在机构的类型不能揭榜；高校、科研院所、企业、服务商和个人可以。"))
    if challenge.eligible_kinds and organisation.kind not in challenge.eligible_kinds:
        kinds = _("、").join(str(OrganisationKind(kind).label) for kind in challenge.eligible_kinds)
        raise Denied(_("这份榜单只面向以下类型的机构：%(kinds)s。") % {"kinds": kinds})
    if is_affiliated(organisation, challenge):
        raise Denied(_("本机构与需求方是同一机构，或有共同的成员，不能揭榜或抢单。"))
    if challenge.requires_nda and not has_accepted_nda(organisation, challenge):
        raise Denied(_("这份榜单须先签署保密协议；签署后再来揭榜或抢单。"))


def is_affiliated(organisation: Organisation, challenge: Challenge) -> bool:
    """The same organisation, or a person who belongs to both now. What else binds them is the bidder's statement."""
    poser = challenge.need.organisation_id
    if organisation.pk == poser:
        return True
    posers = Membership.objects.active().filter(organisation=poser).values("user")
    return Membership.objects.active().filter(organisation=organisation, user__in=posers).exists()


def has_accepted_nda(organisation: Organisation, challenge: Challenge) -> bool:
    return NdaAcceptance.objects.in_force().filter(need=challenge.need_id, organisation=organisation).exists()


def obstacle(user: User, organisation: Organisation | None, challenge: Challenge) -> str:
    """Why `organisation` may not answer this challenge, in words; empty when it may."""
    if organisation is None:
        return _("请先登记或加入一个机构。")
    try:
        check_may_bid(user, organisation, challenge)
    except Denied as reason:
        return str(reason)
    return ""


def check_in_time(challenge: Challenge, at: datetime) -> None:
    """WrongState unless `challenge` takes bids at `at`. `closes_at` is the first moment that is too late."""
    if challenge.state != ChallengeState.OPEN:
        raise WrongState(_("榜单现在不接受方案。"))
    if is_over(challenge, at):
        raise WrongState(_("截止时间已过，方案不能再修改、提交或撤回。"))


def is_over(challenge: Challenge, at: datetime) -> bool:
    return challenge.closes_at is None or at >= challenge.closes_at


def allowed_bid_actions(*, user: User, bid: Bid, at: datetime) -> frozenset[str]:
    """What `user` may do to `bid` now: edit, submit, withdraw, and on a claim accept and refuse."""
    actions: set[str] = set()
    challenge = bid.challenge
    if writes_for(user, bid.organisation):
        in_time = challenge.state == ChallengeState.OPEN and not is_over(challenge, at)
        if in_time and not bid.is_claim and bid.state in WRITABLE:
            actions |= {"edit", "submit"}
        if bid.state == BidState.SUBMITTED and (in_time or bid.is_claim):
            actions.add("withdraw")
    if awaits_confirmation(bid) and writes_for(user, challenge.need.organisation):
        actions.add("accept")
        if bid.refusable_until is not None and at < bid.refusable_until:
            actions.add("refuse")
    return frozenset(actions)


def awaits_confirmation(bid: Bid) -> bool:
    """A claim that was offered to its poser, who has neither accepted nor refused it."""
    return bid.is_claim and bid.state == BidState.AWARDED and not is_confirmed(bid)


def is_confirmed(bid: Bid) -> bool:
    """Whether the poser accepted a claim, or let the days pass: then there is no day left to refuse it."""
    return bid.state == BidState.AWARDED and bid.refusable_until is None


def is_author(user: User, bid: Bid) -> bool:
    return belongs_to(user, bid.organisation)
