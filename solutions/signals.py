"""What happened here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# Keyword arguments of all: solutions (a list: one, or many after an import or a bulk decision), by, at.
solutions_published = Signal()
solutions_changed = Signal()  # the content of a published entry changed
solutions_unlisted = Signal()  # no longer public: not matched any more
