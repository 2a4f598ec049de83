"""What happened here, for apps above, and what is asked of them. Sent inside the transaction of the change."""

from django.dispatch import Signal

contract_signed = Signal()  # contract


contract_accepted = Signal()  # contract


contract_solved = Signal()  # contract


contract_terminated = Signal()  # contract


# Asked before the enterprise confirms that its problem is solved: contract. Answered with why not, in words, or None.
contract_solving = Signal()
