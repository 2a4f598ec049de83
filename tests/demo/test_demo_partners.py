"""On the demo data: intended partners are found and graded well, and needs without one are told that nothing fits."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matching.engine.documents import Document, Indicator
from matching.engine.index import (
    Gathered,
    Index,
    names_of,
    of_outputs,
)
from matching.engine.prepared import Prepared
from matching.engine.scoring import (
    Scored,
    rank,
    retrieve,
    score_pair,
)

DEMO = Path(__file__).parents[2] / "demo"


@dataclass
class Demo:
    needs: dict[str, Prepared]
    outputs: dict[str, Prepared]
    index: Index

    def matches(self, need: str) -> list[tuple[str, Scored]]:
        prepared = self.needs[need]
        return rank(prepared, retrieve(prepared, self.index), self.outputs, self.index.statistics, 20)


@pytest.fixture(scope="module")
def demo() -> Demo:
    needs = {row["key"]: Prepared.of(_need(row)) for row in _rows("needs-*.jsonl")}
    outputs = {row["key"]: Prepared.of(_output(row)) for row in _rows("outputs-*.jsonl")}
    keys = sorted(outputs)
    segment, statistics = of_outputs(
        names_of(keys),
        Gathered.of([outputs[key].terms for key in keys]),
        Gathered.of([need.terms for need in needs.values()]),
        version="demo",
    )
    return Demo(needs, outputs, Index(statistics, base=segment))


def test_every_partner_is_among_the_first_three_and_graded_high_or_good(demo: Demo):
    found = {need: [(key, match.grade) for key, match in demo.matches(need)[:3]] for need in _partners()}
    missed = {
        need: found[need]
        for need, partner in _partners().items()
        if dict(found[need]).get(partner) not in ("high", "good")
    }
    assert missed == {}
    assert len(found) == 40


def test_a_need_without_partner_is_told_that_nothing_fits(demo: Demo):
    assert {need: demo.matches(need) for need in _unmatched()} == {need: [] for need in _unmatched()}
    assert len(_unmatched()) == 8


def test_no_near_miss_is_graded_high(demo: Demo):
    partners = _partners()
    high = {(need, key) for need in demo.needs for key, match in demo.matches(need) if match.grade == "high"}
    assert high <= set(partners.items())


def test_the_shortcut_of_ranking_changes_nothing(demo: Demo):
    for need, prepared in list(demo.needs.items())[::7]:
        every = [(key, score_pair(prepared, output, demo.index.statistics)) for key, output in demo.outputs.items()]
        matches = [(key, match) for key, match in every if match.grade != "none"]
        best = sorted(matches, key=lambda match: (-match[1].score, match[0]))[:20]
        assert [(key, match.score) for key, match in demo.matches(need)] == [(key, match.score) for key, match in best]


def _partners() -> dict[str, str]:
    with (DEMO / "partners.csv").open(encoding="utf-8", newline="") as file:
        return {row["need"]: row["output"] for row in csv.DictReader(file)}


def _unmatched() -> list[str]:
    with (DEMO / "unmatched.csv").open(encoding="utf-8", newline="") as file:
        return [row["need"] for row in csv.DictReader(file)]


def _rows(pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(DEMO.glob(pattern)):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _need(row: dict[str, Any]) -> Document:
    return Document(
        key=row["key"],
        title=row["title"],
        keywords=tuple(row["keywords"]),
        body="\n".join([row["background"], row["difficulty"], row["technical_field"], row["benchmark"]]),
        excluded=row["tried"],
        indicators=_indicators(row),
        trl=row["trl_min"] and (row["trl_min"], 9),
        modes=frozenset(row["cooperation_modes"]),
        budget=(row["budget_min"], row["budget_max"]),
    )


def _output(row: dict[str, Any]) -> Document:
    return Document(
        key=row["key"],
        title=row["title"],
        keywords=tuple(row["keywords"]),
        body="\n".join([row["summary"], *row["innovations"], row["technical_field"]]),
        indicators=tuple(indicator for indicator in _indicators(row) if indicator.public),
        trl=row["trl_max"] and (row["trl_min"], row["trl_max"]),
        modes=frozenset(row["transfer_modes"]),
        budget=(row["price"], row["price"]),
    )


def _indicators(row: dict[str, Any]) -> tuple[Indicator, ...]:
    return tuple(
        Indicator(
            name=indicator["name"],
            comparison=indicator["comparison"],
            value=indicator["value"],
            value_max=indicator["value_max"],
            unit=indicator["unit"],
            condition=indicator["condition"],
            must=indicator["necessity"] == "must",
            public=indicator["is_public"],
        )
        for indicator in row["indicators"]
    )
