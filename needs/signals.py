"""What happened here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# Keyword arguments of all: needs (a list: one, or many after a bulk action), by, at.
needs_submitted = Signal()


needs_published = Signal()


needs_changed = Signal()  # the content of a submitted or published need changed


needs_unlisted = Signal()  # returned, withdrawn or closed: not matched any more
