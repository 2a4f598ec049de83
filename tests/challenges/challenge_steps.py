"""What the tests of challenges share: one in any state, and every action by the person whose turn it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from challenges.challenge import actions as verbs
from challenges.challenge import automatic
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeState
from challenges.models import Challenge
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedFactory

STATES = [state.value for state in ChallengeState]
TRAITS: dict[str, dict[str, Any]] = {
    "draft": {},
    "submitted": {"submitted": True},
    "returned": {"state": "returned", "return_reason": "请写明验收方法"},
    "notice": {"notice": True},
    "open": {"open_now": True},
    "evaluating": {"evaluating": True},
    "awarded": {"awarded": True},
    "closed": {"deadline_over": True, "state": "closed", "ended_at": timezone.now()},
    "failed": {"failed": True},
    "cancelled": {"cancelled": True},
}
VALUES = {
    "rules": "逐项回应指标，附中试数据。",
    "eligibility": "具有独立法人资格。",
    "prize": 120,
    "notice_days": 0,
}
CRITERIA = [
    {"name": "技术先进性", "description": "指标满足程度与路线依据", "weight": 60},
    {"name": "实施方案", "description": "", "weight": 40},
]


def in_state(state: str, *, organisation: Any = None, **fields: Any) -> Challenge:
    """A challenge in `state` on a need of `organisation`."""
    if organisation is not None:
        fields["need"] = NeedFactory(published=True, organisation=organisation)
    return ChallengeFactory(**{**TRAITS[state], **fields})


def act(action: str, challenge: Challenge, *, owner: User, operator: User) -> Any:
    """Do `action`, one of those of challenges.challenge.actions; a refusal is raised, a sweep returns what it moved."""
    now = timezone.now()
    given: dict[str, Any] = {"challenge": challenge, "at": now}
    steps: dict[str, Callable[[], Any]] = {
        "submit": lambda: verbs.submit_challenge(**given, by=owner),
        "return": lambda: verbs.return_challenge(**given, reason="请写明验收方法", by=operator),
        "announce": lambda: verbs.announce_challenge(**given, by=operator),
        "open": lambda: automatic.open_due(at=now),
        "extend": lambda: verbs.extend_challenge(
            **given, closes_at=now + timedelta(days=30), reason="应多家单位要求", by=owner
        ),
        "close_bidding": lambda: automatic.close_due(at=now),
        "fail": lambda: automatic.close_due(at=now),
        "cancel": lambda: verbs.cancel_challenge(**given, reason="技术路线调整", by=owner),
        "close": lambda: verbs.close_challenge(**given, by=owner),
    }
    return steps[action]()


# Actions whose verbs are in challenges.challenge.actions; award and claim have tests of their own.
ACTIONS = ("submit", "return", "announce", "open", "extend", "close_bidding", "fail", "cancel", "close")
SWEEPS = ("open", "close_bidding", "fail")
assert set(ACTIONS) <= set(CHALLENGE_ACTIONS)
