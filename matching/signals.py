"""What happened here, for apps above and for the rest of this one. Sent inside the transaction of the change."""

from django.dispatch import Signal

match_reviewed = Signal()  # match, by, at: an operator confirmed or rejected
match_answered = Signal()  # match, side ("buyer" or "supplier"), by, at
weighting_changed = Signal()  # by (None: promoted by the scheduled training), at: scores follow other weights now
