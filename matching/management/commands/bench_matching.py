"""`manage.py bench_matching`: speed as people meet it, with synthesised outputs in a database of its own."""

import json
import statistics
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.test import Client

from matching import bench, library

TARGETS = {"submit → candidates on the page": 2000.0, "retrieve, score with all parts, explain": 50.0}


class Command(BaseCommand):
    help = "Measure submit → candidates on the page, and scoring one need, with 30,000 synthesised outputs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--outputs", type=int, default=30_000)
        parser.add_argument("--json", type=Path, help="also write the figures to this file")

    def handle(self, *, outputs: int, json: Path | None, **options: Any) -> None:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        with bench.own_database() as database_url:
            library.forget()
            enterprise, person, university = bench.people()
            bench.synthesise(outputs, organisation=university, say=self.stdout.write)
            began = time.perf_counter()
            library.current()
            figures = {"build the index from stored tokens": (time.perf_counter() - began) * 1000}
            figures |= bench.measure_scoring(bench.a_need(enterprise, person))
            client = Client()
            client.force_login(person)
            with bench.own_worker(database_url):
                # the first need waits for the worker to build its index; the others meet a warm worker
                waits = [bench.submit_to_page(client, bench.a_need(enterprise, person)) * 1000 for _ in range(6)]
            figures["submit → candidates on the page, first after a restart"] = waits[0]
            figures["submit → candidates on the page"] = statistics.median(waits[1:])
        self._report(outputs, figures)
        if json is not None:
            write(json, {"outputs": outputs, "ms": figures})

    def _report(self, outputs: int, figures: dict[str, float]) -> None:
        self.stdout.write(f"\n{outputs:,} outputs; medians in ms")
        for name, value in figures.items():
            target = TARGETS.get(name)
            note = "" if target is None else f"  target {target:,.0f}: {'met' if value < target else 'MISSED'}"
            self.stdout.write(f"  {value:>10,.1f}  {name}{note}")


def write(path: Path, figures: dict[str, Any]) -> None:
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
