"""How long until something happens, when for some it has not happened yet: the Kaplan–Meier estimate. Pure.

E. L. Kaplan, P. Meier: Nonparametric estimation from incomplete observations. Journal of the American Statistical
Association 53 (1958), 457–481. `care.time_to_match.figures` says what is measured with it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# A survival is a product of fractions in floating point: 0.9 · 8/9 · … · 5/6 must still count as one half.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """One moment at which something was observed: an event, or that somebody was no longer watched."""

    time: float  # days
    at_risk: int  # watched until just before, without the event
    events: int
    censored: int
    survival: float  # estimated share without the event after this moment


@dataclass(frozen=True, slots=True)
class Curve:
    """The estimate: steps in order of time, each time once."""

    steps: tuple[Step, ...]

    @property
    def n(self) -> int:
        return self.steps[0].at_risk if self.steps else 0

    @property
    def observed(self) -> int:
        return sum(step.events for step in self.steps)

    @property
    def censored(self) -> int:
        return sum(step.censored for step in self.steps)

    @property
    def last(self) -> float | None:
        """The longest time anybody was watched: beyond it nothing is known."""
        return self.steps[-1].time if self.steps else None

    def quantile(self, p: float) -> float | None:
        """The smallest time t with S(t) ≤ 1 − p, in days; None when so many have not been reached (尚未达到)."""
        if not 0 < p < 1:
            raise ValueError(f"not a share between 0 and 1: {p}")
        return next((step.time for step in self.steps if step.survival <= 1 - p + TOLERANCE), None)

    def reached(self, time: float) -> float | None:
        """1 − S(time): the share that had the event by then; None beyond the longest observation."""
        if self.last is None or time > self.last:
            return None
        passed = bisect_right(self.steps, time, key=lambda step: step.time)
        return 1 - self.steps[passed - 1].survival if passed else 0.0


def estimate(observations: Iterable[tuple[float, bool]]) -> Curve:
    """Kaplan–Meier over (duration in days, observed); observed False: the event had not come when watching ended.

    At the same time events come before censorings: who was censored then was still at risk. Raises ValueError for a
    negative duration.
    """
    events: Counter[float] = Counter()
    censored: Counter[float] = Counter()
    for duration, observed in observations:
        if duration < 0:
            raise ValueError(f"negative duration: {duration}")
        (events if observed else censored)[duration] += 1
    at_risk = events.total() + censored.total()
    survival = 1.0
    steps = []
    for time in sorted(events.keys() | censored.keys()):
        happened, lost = events[time], censored[time]
        survival *= (at_risk - happened) / at_risk
        steps.append(Step(time, at_risk, happened, lost, survival))
        at_risk -= happened + lost
    return Curve(tuple(steps))
