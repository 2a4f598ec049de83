"""Reacts to what happened to a match or a contract: somebody looks after it. In the transaction of the cause."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from care.follow_up import actions as follow_ups
from contracts.models import Contract
from contracts.signals import contract_signed, contract_solved
from matching.models import Match
from matching.signals import match_answered


@receiver(match_answered)
def follow_up_contact(*, match: Match, at: datetime, **_: Any) -> None:
    """The second yes began a contact: somebody asks how it goes."""
    if match.contacted_at is not None:
        follow_ups.after_contact(match, at=at)


@receiver(contract_signed)
def follow_up_signed_contract(*, contract: Contract, at: datetime, **_: Any) -> None:
    follow_ups.after_signing(contract, at=at)


@receiver(contract_solved)
def plan_revisit(*, contract: Contract, at: datetime, **_: Any) -> None:
    follow_ups.after_solving(contract, at=at)
