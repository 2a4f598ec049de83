"""What a run tells of itself while it works: its stage and share, what it counted, how long each stage took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils import timezone

from matching.models import MatchRun, Stage


@dataclass
class Progress:
    """`counts` and `timings` (seconds by stage) are written on the run when it ends."""

    run: MatchRun
    timings: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"needs": 0, "solutions": 0, "pairs": 0, "matches": 0})

    @property
    def seconds(self) -> dict[str, float]:
        return {name: round(seconds, 4) for name, seconds in self.timings.items()}

    @contextmanager
    def stage(self, stage: Stage, progress: int | None = None) -> Iterator[None]:
        """Time what happens inside as `stage`; with `progress`, in percent, show that it began."""
        if progress is not None:
            self.advance(progress, stage=stage)
        began = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - began

    def advance(self, progress: int, stage: Stage = Stage.SCORING) -> None:
        """Show progress at once: its own small write outside any transaction, only when the number moved."""
        if (progress, stage) == (self.run.progress, self.run.stage):
            return
        self.run.progress, self.run.stage = progress, stage
        MatchRun.objects.filter(pk=self.run.pk).update(progress=progress, stage=stage, heartbeat_at=timezone.now())
