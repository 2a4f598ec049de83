"""What happened here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# Keyword arguments of all: challenge or bid or contract, by (None: the platform), at.
bids_unsealed = Signal()  # challenge: the deadline is over and bids were opened, or a claim was made


bid_awarded = Signal()  # bid


bid_declined = Signal()  # bid


bid_reconsidered = Signal()  # bid: its award or its answer was taken back, and it will be answered anew
