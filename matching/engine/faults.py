"""Points at which a test may end this process the hard way: `make chaos` shows that a kill anywhere costs nothing.

`SUNHE_KILL_AT="scoring:3"` in the environment kills the process, as kill -9 does, when it passes the point "scoring"
for the third time. Without it every point is a comparison of two strings.
"""

import os
import signal
from typing import Literal

Point = Literal["tokenising", "building", "swapping", "scoring", "writing"]
POINTS: tuple[Point, ...] = ("tokenising", "building", "swapping", "scoring", "writing")

_passed = 0


def pass_point(name: Point) -> None:
    """The engine is in the middle of what `name` says."""
    global _passed  # noqa: PLW0603  # one count for the process is what is meant
    wanted, _, times = os.environ.get("SUNHE_KILL_AT", "").partition(":")
    if wanted == name:
        _passed += 1
        if _passed >= int(times):
            os.kill(os.getpid(), signal.SIGKILL)
