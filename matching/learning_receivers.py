"""Reacts to decisions: what they say is kept for training. And to other weights: every list is scored anew."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from matching import judgements
from matching.models import Match
from matching.runs import start_rematch
from matching.signals import match_answered, match_reviewed, weighting_changed


@receiver(match_reviewed)
def note_review(*, match: Match, at: datetime, **_: Any) -> None:
    judgements.note_review(match, at=at)


@receiver(match_answered)
def note_answer(*, match: Match, side: str, at: datetime, **_: Any) -> None:
    judgements.note_answer(match, side=side, at=at)


@receiver(weighting_changed)
def rematch(*, by: User | None, at: datetime, **_: Any) -> None:
    start_rematch(by=by, at=at)
