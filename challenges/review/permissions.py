"""What a reviewer may do and read."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import belongs_to, check_writes_for
from challenges.challenge.workflow import ChallengeState
from challenges.models import Bid, BidAttachment, BlindField, Reviewer
from challenges.review.workflow import REVIEWER_ACTIONS, ReviewerState
from lib.refusals import WrongState


def allowed_reviewer_actions(reviewer: Reviewer) -> frozenset[str]:
    """What the reviewer may do now: declare, recuse, score."""
    if reviewer.challenge.state != ChallengeState.EVALUATING:
        return frozenset()
    actions = {
        name
        for name, transition in REVIEWER_ACTIONS.items()
        if transition.actor == "reviewer" and reviewer.state in transition.sources
    }
    if reviewer.state == ReviewerState.ACTIVE:
        actions.add("score")
    return frozenset(actions)


def reads_bids(reviewer: Reviewer) -> bool:
    """Nothing of a bid before the declaration, and nothing any more once recused, removed or the challenge ended."""
    return reviewer.state == ReviewerState.ACTIVE and reviewer.challenge.state in {
        ChallengeState.EVALUATING,
        ChallengeState.AWARDED,
        ChallengeState.CLOSED,
    }


def reads_bid_file(user: User | AnonymousUser, attachment: BidAttachment) -> bool:
    """The bidder's side reads all its files; everybody else those of the version that was handed in last."""
    bid = attachment.bid
    if not isinstance(user, User):
        return False
    if belongs_to(user, bid.organisation):
        return True
    counting = bid.versions.handed_in().order_by("-number").first()
    if counting is None or not counting.attachments.filter(pk=attachment.pk).exists():
        return False
    return Bid.objects.visible_to(user).filter(pk=bid.pk).exists() or _reviewer_reads(user, bid)


def _reviewer_reads(user: User, bid: Bid) -> bool:
    """A reviewer who reads the bids reads their files too, where the rules show files to reviewers."""
    if BlindField.ATTACHMENTS not in bid.challenge.shown_to_reviewers:
        return False
    reviewer = Reviewer.objects.select_related("challenge").filter(challenge=bid.challenge_id, user=user).first()
    return reviewer is not None and reads_bids(reviewer) and Bid.objects.unsealed().filter(pk=bid.pk).exists()


def check_bid_file_removable(by: User, attachment: BidAttachment) -> None:
    """Not by itself: `detach_from_bid` leaves it out of what is being written."""
    check_writes_for(by, attachment.bid.organisation)
    raise WrongState(_("方案的附件只能在编辑方案时移除；提交的版本保留其附件。"))
