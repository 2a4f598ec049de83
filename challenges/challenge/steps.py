"""What the verbs of challenges, bids and evaluation share: lock a challenge, take a step of its table, record it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import User
from challenges.challenge.workflow import CHALLENGE_ACTIONS
from challenges.models import Challenge
from lib.transitions import next_state
from needs.models import Need

logger = logging.getLogger(__name__)


@contextmanager
def one_of_many(pk: int) -> Iterator[None]:
    """One row of a sweep, in a transaction of its own: a fault in it is written down and must not stop the others.

    The next sweep tries it again.
    """
    try:
        with transaction.atomic():
            yield
    except Exception:  # whatever it is: logged with its traceback, and the row stays due
        logger.exception("Sweep left out row %s", pk)


def lock_challenge(challenge: Challenge) -> Challenge:
    """The row as it is now, locked, with its need and the need's organisation and caretaker."""
    return (
        Challenge.objects.select_related("need__organisation", "need__caretaker")
        .select_for_update(of=("self",))
        .get(pk=challenge.pk)
    )


def lock_need_of(challenge: Challenge) -> Need:
    """The need, locked before its challenge: that is the order everywhere.

    Not its key, here as wherever a need is locked: a verb that holds the challenge alone may write a row that names the
    need (feedback on its matches), and would wait for one that holds the need and waits for the challenge.
    """
    return (
        Need.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=challenge.need_id)
    )


def move_challenge(
    challenge: Challenge, action: str, fields: list[str], *, by: User | None, at: datetime, reason: str = ""
) -> None:
    """Take one step of the table and write it, with `fields` set by the caller, and its audit row."""
    before = challenge.state
    challenge.state = next_state(table=CHALLENGE_ACTIONS, action=action, state=before)
    challenge.save(update_fields=["state", *fields])
    record(action, challenge, by=by, at=at, from_state=before, reason=reason)


def record(
    verb: str, challenge: Challenge, *, by: User | None, at: datetime, from_state: str = "", reason: str = ""
) -> None:
    """An audit row of the challenge; never anything of a bid."""
    audit.record(
        action=f"challenge.{verb}",
        code=challenge.code,
        label=challenge.need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=challenge.state,
        reason=reason,
    )
