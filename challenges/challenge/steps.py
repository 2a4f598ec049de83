"""What the actions of all rooms share: locking a challenge and its need, and one row of a sweep."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from challenges.models import Challenge
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

    Not its key, here as wherever a need is locked: an action that holds the challenge alone may write a row that names
    the need (feedback on its matches), and would wait for one that holds the need and waits for the challenge.
    """
    return (
        Need.objects.select_related("organisation")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=challenge.need_id)
    )
