"""The two ways to call on a need, and the lifecycle of a challenge."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class ChallengeMode(models.TextChoices):
    OPEN_CHALLENGE = "open_challenge", _("揭榜")  # sealed bids until a deadline, evaluated, one is awarded
    FIRST_CLAIM = "first_claim", _("抢单")  # the first qualified claim wins


class ChallengeState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待论证")
    RETURNED = "returned", _("论证退回")
    NOTICE = "notice", _("公示中")
    OPEN = "open", _("揭榜中")
    EVALUATING = "evaluating", _("评榜中")
    AWARDED = "awarded", _("已定榜")
    CLOSED = "closed", _("已结束")
    FAILED = "failed", _("流标")
    CANCELLED = "cancelled", _("已终止")


CHALLENGE_ACTIONS = {
    "submit": Transition(frozenset({"draft", "returned"}), "submitted", "owner"),
    "return": Transition(frozenset({"submitted"}), "returned", "operator"),
    "announce": Transition(frozenset({"submitted"}), "notice", "operator"),
    # The notice period is over and no objection is open; at once where there is no notice period.
    "open": Transition(frozenset({"notice"}), "open", "system"),
    "extend": Transition(frozenset({"open"}), "open", "owner"),
    "close_bidding": Transition(frozenset({"open"}), "evaluating", "system"),
    "fail": Transition(frozenset({"open"}), "failed", "system"),  # too few bids at the deadline: 流标
    "declare_failed": Transition(frozenset({"evaluating"}), "failed", "owner"),  # no bid is good enough
    "award": Transition(frozenset({"evaluating"}), "awarded", "owner"),
    "claim": Transition(frozenset({"open"}), "awarded", "supplier"),  # the first qualified claim
    "refuse_claim": Transition(frozenset({"awarded"}), "open", "owner"),  # the next claim is offered, if any
    # The days passed, but who claimed does not qualify any more: the next claim is offered, if any.
    "lapse_claim": Transition(frozenset({"awarded"}), "open", "system"),
    "reopen": Transition(frozenset({"awarded"}), "evaluating", "operator"),  # an objection or appeal was upheld
    # Only when nothing can come any more, the last appeal included: what is closed is never decided on again.
    "close": Transition(frozenset({"awarded", "failed"}), "closed", "owner"),
    "cancel": Transition(
        frozenset({"draft", "submitted", "returned", "notice", "open", "evaluating"}), "cancelled", "owner or operator"
    ),
}


# States in which the text of the need and the rules of the challenge are fixed.
UNDER_WAY = frozenset({"submitted", "notice", "open", "evaluating", "awarded"})


# States in which bids are no longer sealed. 流标 and 终止 before the deadline keep them sealed for good, also once the
# failed challenge is closed: in a state that ends it, only `bidding_closed_at` says that bids were opened.
UNSEALED = frozenset({"evaluating", "awarded"})
