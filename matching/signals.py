"""What happened here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

match_reviewed = Signal()  # match, by, at: an operator confirmed or rejected
match_answered = Signal()  # match, side ("buyer" or "supplier"), by, at
