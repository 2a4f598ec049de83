"""What happened here, for apps above, and what is asked of them. Sent inside the transaction of the change."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.dispatch import Signal

# Keyword arguments of all: needs (a list: one, or many after a bulk action), by, at.
needs_submitted = Signal()


needs_published = Signal()


needs_changed = Signal()  # the content of a submitted or published need changed


needs_unlisted = Signal()  # returned, withdrawn or closed: not matched any more


@dataclass(frozen=True, slots=True)
class Hold:
    """Needs that must stay as they are, and why; the reason may be shown."""

    needs: QuerySet[Any, Any]  # their primary keys
    reason: str


# Asked, and answered with a Hold or None. Keyword argument: step, what is to happen to a need: "change" (edited,
# withdrawn, returned or closed), "close" (only that), or "expire" (closed by the clock).
needs_held = Signal()


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the part of a need's page that says where it stands, with a link to what it is about."""

    text: str
    url: str
    label: str


# Asked for the page of a published need, and answered with a Note or None. Keyword arguments: need, user.
need_noted = Signal()
