"""The lifecycle of a technical need: the first file to read in this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.workflow import Transition


class NeedState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤回")
    CLOSED = "closed", _("已关闭")


NEED_ACTIONS = {
    "submit": Transition(frozenset({"draft", "returned", "withdrawn"}), "submitted", "owner"),
    "publish": Transition(frozenset({"submitted"}), "published", "operator"),
    "return": Transition(frozenset({"submitted", "published"}), "returned", "operator"),
    "withdraw": Transition(frozenset({"submitted", "published"}), "withdrawn", "owner"),
    "close": Transition(frozenset({"published"}), "closed", "owner"),
    "expire": Transition(frozenset({"published"}), "closed", "system"),
}

# States in which a need is matched: its poser sees candidates from the moment of submitting.
MATCHED = frozenset({NeedState.SUBMITTED, NeedState.PUBLISHED})
# States in which the owner may change the content; a change of a matched need is scored again.
EDITABLE = frozenset({"draft", "returned", "withdrawn", "submitted", "published"})


# --- 揭榜 and 抢单: the call on a need, and what answers it ---------------------------------------------------


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


class BidState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已提交")
    WITHDRAWN = "withdrawn", _("已撤回")
    AWARDED = "awarded", _("中榜")
    DECLINED = "declined", _("未中榜")


BID_ACTIONS = {
    "submit": Transition(frozenset({"draft", "submitted", "withdrawn"}), "submitted", "supplier"),
    "withdraw": Transition(frozenset({"submitted"}), "withdrawn", "supplier"),
    "award": Transition(frozenset({"submitted"}), "awarded", "owner"),
    "decline": Transition(frozenset({"submitted"}), "declined", "owner"),
    "refuse": Transition(frozenset({"awarded"}), "declined", "owner"),  # 抢单: within the days agreed
    "lapse": Transition(frozenset({"awarded"}), "declined", "system"),  # 抢单: unfit when the days had passed
    "dismiss": Transition(frozenset({"submitted"}), "declined", "system"),  # 流标 and 终止 answer every bid
    "reconsider": Transition(frozenset({"awarded", "declined"}), "submitted", "operator"),  # appeal or objection upheld
}


class DecisionState(models.TextChoices):
    """Of an objection against a challenge and of a bidder's appeal."""

    OPEN = "open", _("待处理")
    UPHELD = "upheld", _("成立")
    DISMISSED = "dismissed", _("不成立")


DECISION_ACTIONS = {
    "uphold": Transition(frozenset({"open"}), "upheld", "operator"),
    "dismiss": Transition(frozenset({"open"}), "dismissed", "operator"),
}


class ReviewerState(models.TextChoices):
    ASSIGNED = "assigned", _("待声明")
    ACTIVE = "active", _("评审中")
    RECUSED = "recused", _("已回避")
    REMOVED = "removed", _("已撤换")


REVIEWER_ACTIONS = {
    "declare": Transition(frozenset({"assigned"}), "active", "reviewer"),  # no conflict of interest
    "recuse": Transition(frozenset({"assigned", "active"}), "recused", "reviewer"),
    "remove": Transition(frozenset({"assigned", "active"}), "removed", "owner or operator"),
}


class ScorecardState(models.TextChoices):
    DRAFT = "draft", _("未提交")
    SUBMITTED = "submitted", _("已提交")


SCORECARD_ACTIONS = {
    "save": Transition(frozenset({"draft"}), "draft", "reviewer"),
    "submit": Transition(frozenset({"draft"}), "submitted", "reviewer"),
}


# --- contract, milestones, success case -----------------------------------------------------------------------


class ContractState(models.TextChoices):
    DRAFT = "draft", _("起草中")
    SIGNED = "signed", _("履行中")
    REJECTED = "rejected", _("验收不通过")
    ACCEPTED = "accepted", _("验收通过")
    SOLVED = "solved", _("问题已解决")
    TERMINATED = "terminated", _("已终止")


CONTRACT_ACTIONS = {
    "change": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # takes back both confirmations
    "confirm": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # one of two
    "sign": Transition(frozenset({"draft"}), "signed", "system"),  # the second confirmation
    "reject": Transition(frozenset({"signed"}), "rejected", "owner"),
    "resume": Transition(frozenset({"rejected"}), "signed", "owner"),
    "accept": Transition(frozenset({"signed"}), "accepted", "owner"),  # final acceptance
    "solve": Transition(frozenset({"accepted"}), "solved", "owner"),  # the enterprise's confirmation, with figures
    "terminate": Transition(frozenset({"draft", "signed", "rejected"}), "terminated", "owner or supplier or operator"),
}
# Only these count as contract value: intended money never does.
BINDING = frozenset({"signed", "rejected", "accepted", "solved"})


class MilestoneState(models.TextChoices):
    PLANNED = "planned", _("进行中")
    DELIVERED = "delivered", _("待验收")
    RETURNED = "returned", _("退回整改")
    ACCEPTED = "accepted", _("已通过")


MILESTONE_ACTIONS = {
    "deliver": Transition(frozenset({"planned", "returned"}), "delivered", "supplier"),
    "return": Transition(frozenset({"delivered"}), "returned", "owner"),
    "accept": Transition(frozenset({"delivered"}), "accepted", "owner"),
}


class CaseState(models.TextChoices):
    DRAFT = "draft", _("待双方确认")
    PUBLISHED = "published", _("已公开")


CASE_ACTIONS = {
    "change": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # takes back both approvals
    "approve": Transition(frozenset({"draft"}), "draft", "owner or supplier"),  # one of two
    "publish": Transition(frozenset({"draft"}), "published", "system"),  # the second approval
    "withdraw": Transition(frozenset({"published"}), "draft", "owner or supplier"),
}
