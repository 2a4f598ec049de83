"""The answer of a verb that takes many objects: those it was done to, and those refused with the reason."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """`refused` holds pairs (object, exception); the exception's text may be shown."""

    done: list[T]
    refused: list[tuple[T, Exception]]

    def only(self) -> T:
        """The one object of a call with one, or its refusal raised."""
        for _thing, reason in self.refused:
            raise reason
        return self.done[0]
