"""What happened here, for apps above. Sent inside the transaction of the change."""

from django.dispatch import Signal

contract_signed = Signal()  # contract


contract_accepted = Signal()  # contract


contract_solved = Signal()  # contract


contract_terminated = Signal()  # contract
