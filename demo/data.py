"""What the modules of the demo data share: the rows of demo/, what was brought in, the calendar of what happened."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Organisation, User
from challenges.models import Bid, Challenge
from contracts.models import Contract
from needs.models import Need
from solutions.models import Solution

FOLDER = Path(settings.BASE_DIR) / "demo"

Row = dict[str, Any]
Act = Callable[..., object]  # takes `at`, the moment it happens


def partners() -> dict[str, str]:
    """Key of a need → key of the output written for it."""
    with (FOLDER / "partners.csv").open(encoding="utf-8", newline="") as lines:
        return {row["need"]: row["output"] for row in csv.DictReader(lines)}


def rows(name: str) -> list[Row]:
    """The rows of demo/NAME.jsonl and demo/NAME-*.jsonl, in order."""
    files = [FOLDER / f"{name}.jsonl", *sorted(FOLDER.glob(f"{name}-*.jsonl"))]
    return [
        json.loads(line) for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()
    ]


@dataclass
class Loaded:
    """What was brought in, by the keys of the files."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    owners: dict[str, User] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)  # by the first part of their address
    outputs: dict[str, Solution] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    bids: dict[tuple[str, str], Bid] = field(default_factory=dict)  # by challenge and organisation
    contracts: dict[str, Contract] = field(default_factory=dict)

    @cached_property
    def operator(self) -> User:
        return self.owners["op-01"]

    def key_of(self, organisation: Organisation) -> str:
        return next(key for key, known in self.organisations.items() if known == organisation)

    def owner_of(self, organisation: Organisation) -> User:
        return self.owners[self.key_of(organisation)]


@dataclass
class Calendar:
    """Who did what how many days before the load, played in order of time whatever the order in the files.

    Verbs that look at everything due, as a deadline's do, then find what they would have found that day.
    """

    at: datetime
    entries: list[tuple[float, Act]] = field(default_factory=list)

    def add(self, days: float, act: Act) -> None:
        """`act` is called with its moment as `at`. What is entered first comes first among acts of one moment."""
        self.entries.append((days, act))

    def moment(self, days: float) -> datetime:
        """So many days before the load; negative days are still to come."""
        return self.at - timedelta(days=days)

    def play(self) -> None:
        for days, act in sorted(self.entries, key=lambda entry: -entry[0]):
            act(at=self.moment(days))
