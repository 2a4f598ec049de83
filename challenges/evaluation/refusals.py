"""How the evaluation's own refusals are said by the API."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import ValidationError

from accounts.api.errors import NotReady
from challenges.review import actions as evaluation
from challenges.review import scorecards


@contextmanager
def refusals() -> Iterator[None]:
    """The domain's own refusals in the words of the API."""
    try:
        yield
    except (evaluation.NotReady, evaluation.ConflictOfInterest) as error:
        raise NotReady(str(error)) from error
    except scorecards.BadScore as error:
        raise ValidationError({"scores": [str(error)]}) from error
