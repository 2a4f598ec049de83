"""Where a process of the chaos tests ends itself the hard way, as kill -9 does: in the middle of what a point says.

Product code knows nothing of this: `arm` wraps the functions between which the points lie. As a Celery app,
`celery -A tests.plugins.kill_points worker` is the platform's own with the point KILL_AT="scoring:3" armed.
"""

import os
import pkgutil
import signal
from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any

from celery.signals import worker_ready

from config.celery import app

__all__ = ["POINTS", "app", "arm"]

Place = tuple[str, str]  # a module or a class in it, and the name of one of its functions
# Point → the functions whose call is a pass of it, and those whose return is.
CALLS: dict[str, list[Place]] = {
    "tokenising": [("matching.documents.builder", "_changed")],
    "building": [("matching.documents.library", "version_of")],
    "swapping": [],
    "scoring": [
        ("matching.runs.pairing:Pairing", "_pairs_of_need"),
        ("matching.runs.pairing:Pairing", "_pairs_of_solution"),
    ],
    "writing": [],
}
RETURNS: dict[str, list[Place]] = {
    "tokenising": [],
    "building": [("matching.documents.library", "take_snapshot")],
    # only a snapshot writes texts: first its files lie aside, then they are in place and nothing points to them yet
    "swapping": [("pathlib:Path", "write_text")],
    "scoring": [],
    "writing": [("matching.runs.writing", "_upsert")],
}
POINTS = tuple(CALLS)


def arm(at: str) -> None:
    """`at` is "scoring:3": this process ends when it passes the point "scoring" for the third time."""
    point, _colon, times = at.partition(":")
    passes = count(1)

    def pass_point() -> None:
        if next(passes) == int(times):
            os.kill(os.getpid(), signal.SIGKILL)

    for place in CALLS[point]:
        _wrap(*place, before=pass_point)
    for place in RETURNS[point]:
        _wrap(*place, after=pass_point)


def _nothing() -> None:
    pass


def _wrap(
    owner: str, name: str, *, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing
) -> None:
    holder = pkgutil.resolve_name(owner)
    function = getattr(holder, name)

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before()
        result = function(*args, **kwargs)
        after()
        return result

    setattr(holder, name, wrapped)


@worker_ready.connect
def _arm_worker(**_: Any) -> None:
    arm(os.environ["KILL_AT"])
