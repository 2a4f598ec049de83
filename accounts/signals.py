"""What happens here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# Before a membership ends or loses its right to write. Keyword arguments: membership, by, at.
# A receiver raises `accounts.permissions.Denied` with the reason to stop it (open bids, contracts …).
membership_ending = Signal()

# The same, after the change: the role is another one, or the membership has ended. Same arguments.
membership_changed = Signal()
