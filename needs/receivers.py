"""Reacts to what happened below: whoever leaves hands over the needs in their care."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import Membership
from accounts.signals import membership_changed
from needs.need.actions import hand_over_needs


@receiver(membership_changed)
def hand_over(*, membership: Membership, at: datetime, **_: Any) -> None:
    hand_over_needs(caretaker=membership.user, at=at)
