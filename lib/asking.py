"""Ask the packages above something through a signal, where importing them would point upwards."""

from typing import Any

from django.dispatch import Signal


def ask(signal: Signal, *, sender: Any, **question: Any) -> list[Any]:
    """What the receivers of `signal` answer, in the order of the installed apps; None is no answer."""
    return [answer for _receiver, answer in signal.send(sender=sender, **question) if answer is not None]
