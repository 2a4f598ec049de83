"""评审纪要: drawn up from the scorecards, signed by every serving reviewer, checked again before the award."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import User
from challenges.challenge.steps import lock_challenge
from challenges.evaluation.notices import tell_poser
from challenges.evaluation.permissions import check_is, check_runs_evaluation
from challenges.evaluation.ranking import SPREAD_ALARM, Ranking, digest
from challenges.models import (
    Challenge,
    Minutes,
    Reviewer,
    Signature,
)
from challenges.review.actions import check_evaluating, lock_reviewer, refusal
from challenges.review.conflicts import conflicts_of
from challenges.review.notices import tell_reviewer
from challenges.review.scorecards import current_ranking
from challenges.review.workflow import ReviewerState
from lib.refusals import NotReady, WrongState


@transaction.atomic
def draw_up_minutes(*, challenge: Challenge, remarks: str, by: User, at: datetime) -> Minutes:
    """Write the ranking down in words. Drawing up again replaces the text and takes every signature back."""
    challenge = lock_challenge(challenge)
    check_runs_evaluation(by, challenge)
    check_evaluating(challenge)
    ranking = current_ranking(challenge)
    reviewers = _impartial_reviewers(challenge, at)
    text = minutes_text(challenge, reviewers, ranking, remarks=remarks.strip(), at=at)
    data = ranking.to_json()
    minutes, is_new = Minutes.objects.update_or_create(
        challenge=challenge,
        defaults={
            "text": text,
            "ranking": data,
            "text_hash": digest(text=text, ranking=data),
            "drawn_up_at": at,
            "drawn_up_by": by,
        },
    )
    if not is_new:
        minutes.signatures.all().delete()
    note(challenge, "draw_up", by=by, at=at, from_state=challenge.state)
    for reviewer in reviewers:
        tell_reviewer(reviewer, "evaluation.minutes", at)
    return minutes


@transaction.atomic
def sign_minutes(*, reviewer: Reviewer, text_hash: str, by: User, at: datetime) -> Signature:
    """Sign the text one has read: `text_hash` is that of the page, and must still be that of the minutes."""
    reviewer = lock_reviewer(reviewer)
    challenge = reviewer.challenge
    check_is(by, reviewer)
    check_evaluating(challenge)
    if reviewer.state != ReviewerState.ACTIVE:
        raise WrongState(_("只有在任评审人可以签署评审纪要。"))
    minutes = Minutes.objects.select_for_update().filter(challenge=challenge).first()
    if minutes is None or text_hash != minutes.text_hash or _digest(minutes) != minutes.text_hash:
        raise WrongState(_("评审纪要在您打开页面之后有变动，请核对新的纪要再签署。"))
    signature, is_new = Signature.objects.get_or_create(
        minutes=minutes, reviewer=reviewer, defaults={"text_hash": text_hash, "signed_at": at}
    )
    if is_new:
        note(reviewer, "sign", by=by, at=at, to_state="")
        if not _unsigned(minutes):
            tell_poser(challenge, "evaluation.signed", at)
    return signature


def check_stands(*, challenge: Challenge, at: datetime) -> Ranking:
    """The ranking of the minutes, when everything still agrees with them; NotReady says what does not.

    Signed by every serving reviewer, of whom none has a conflict by now; and the scorecards, computed again, give the
    ranking that was signed.
    """
    minutes = Minutes.objects.filter(challenge=challenge).first()
    if minutes is None:
        raise NotReady(_("请先形成评审纪要，并由全体评审人签署。"))
    _impartial_reviewers(challenge, at)
    ranking = current_ranking(challenge)
    if ranking.to_json() != minutes.ranking or _digest(minutes) != minutes.text_hash:
        raise NotReady(_("评审人或评分在纪要形成之后有变动，请重新形成评审纪要并签署。"))
    if _unsigned(minutes):
        raise NotReady(_("评审纪要还没有由全体评审人签署。"))
    return ranking


def minutes_text(
    challenge: Challenge, reviewers: Sequence[Reviewer], ranking: Ranking, *, remarks: str, at: datetime
) -> str:
    """The minutes in words. A record: always in Chinese, whoever reads it signs the same text. No bidder is named."""
    criteria = "，".join(f"{part.name} {part.weight}%" for part in ranking.bids[0].criteria)
    lines = [
        f"榜单：{challenge.need.title}（{challenge.code}，第 {challenge.round} 轮）",
        f"需求方：{challenge.need.organisation.name}",
        f"形成时间：{timezone.localtime(at):%Y-%m-%d %H:%M}",
        f"评审人（{ranking.reviewers} 人）：{'、'.join(reviewer.user.name for reviewer in reviewers)}，"
        "均已声明与需求方及揭榜单位无利益冲突。",
        f"评分标准：{criteria}。每项 0 至 100 分，综合得分为各项平均分按权重合计。",
        "",
        "排名：",
    ]
    lines += [f"第 {bid.rank} 名　方案 {bid.label}　综合得分 {bid.total}　分差 {bid.spread}" for bid in ranking.bids]
    if alarming := [bid for bid in ranking.bids if bid.is_alarming]:
        labels = "、".join(f"方案 {bid.label}" for bid in alarming)
        lines += ["", f"评审人之间分差达到 {SPREAD_ALARM} 分的有：{labels}。"]
    if remarks:
        lines += ["", "评审说明：", remarks]
    return "\n".join(lines)


def _impartial_reviewers(challenge: Challenge, at: datetime) -> list[Reviewer]:
    """Who serves, in the order of assignment. NotReady names whoever has a conflict by now, with the rule."""
    reviewers = list(challenge.reviewers.serving().select_related("user").order_by("assigned_at", "pk"))
    found = conflicts_of(challenge=challenge, users=[reviewer.user for reviewer in reviewers], at=at)
    for reviewer in reviewers:
        reviewer.challenge = challenge
        if rules := found.get(reviewer.user_id):
            reason = refusal(reviewer.user, rules)
            raise NotReady(_("%(reason)s请先撤换。") % {"reason": reason})
    return reviewers


def _unsigned(minutes: Minutes) -> bool:
    """Whether a serving reviewer has not signed the text as it stands."""
    signed = minutes.signatures.filter(text_hash=minutes.text_hash).values("reviewer")
    serving = Reviewer.objects.filter(challenge=minutes.challenge_id).serving()
    return serving.exclude(pk__in=signed).exists() or not serving.exists()


def _digest(minutes: Minutes) -> str:
    return digest(text=minutes.text, ranking=minutes.ranking)
