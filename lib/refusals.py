"""Why something is not done: three exceptions whose messages may be shown to the person who asked."""

from collections.abc import Sequence


class Denied(Exception):
    """The person may not do this; the message says why and what would help."""


class WrongState(Exception):
    """An action was asked for in a state that does not allow it."""


class NotReady(Exception):
    """Something is missing for this step. `reasons` are sentences, at least one, in the order of the form."""

    def __init__(self, reasons: str | Sequence[str]) -> None:
        self.reasons = [reasons] if isinstance(reasons, str) else list(reasons)
        super().__init__(" ".join(self.reasons))
