"""`manage.py bench_matching`: how fast engine and platform are, against named baselines in the same run."""

import json
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.test import Client

from matching import bench_platform, library

TARGETS = {  # ms
    "submit → candidates on the page": 2000.0,
    "one need retrieved, scored with all parts, the best 20 explained": 8.0,
    "one new output against the open needs": 5.0,
    "rematch of everything, matches written, 2 processes": 60_000.0,
}


class Command(BaseCommand):
    help = "Measure the engine against named baselines, and the platform with synthesised needs and outputs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--outputs", type=int, default=30_000, help="outputs of the platform part")
        parser.add_argument("--needs", type=int, default=10_000, help="needs of the platform part")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = {"platform": self._platform(options["outputs"], options["needs"])}
        if options["json"]:
            text = json.dumps(figures, ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")

    def _platform(self, outputs: int, needs: int) -> dict[str, float]:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        with tempfile.TemporaryDirectory() as folder, bench_platform.own_database() as database_url:
            settings.INDEX_ROOT = Path(folder)
            library.forget()
            enterprise, person, university, operator = bench_platform.people()
            bench_platform.synthesise(outputs, organisation=university, say=self.stdout.write)
            bench_platform.synthesise_needs(
                needs, outputs, organisation=enterprise, person=person, caretaker=operator, say=self.stdout.write
            )
            began = time.perf_counter()
            library.current()
            figures = {"make a snapshot of the stored documents": (time.perf_counter() - began) * 1000}
            a_need = bench_platform.a_need(enterprise, person)
            figures |= bench_platform.measure_scoring(a_need)
            figures["one new output against the open needs"] = bench_platform.measure_percolation()
            for processes in (1, 2):
                seconds, run = bench_platform.measure_rematch(workers=processes, database_url=database_url, by=operator)
                self.stdout.write(f"  {run.counts} {run.timings}")
                plural = "process" if processes == 1 else "processes"
                figures[f"rematch of everything, matches written, {processes} {plural}"] = seconds * 1000
            client = Client()
            client.force_login(person)
            with bench_platform.own_worker(database_url):
                waits = [
                    bench_platform.submit_to_page(client, bench_platform.a_need(enterprise, person)) * 1000
                    for _ in range(6)
                ]
            figures["submit → candidates on the page, first after a restart"] = waits[0]
            figures["submit → candidates on the page"] = sorted(waits[1:])[2]
        self._report(outputs, needs, figures)
        return figures

    def _report(self, outputs: int, needs: int, figures: dict[str, float]) -> None:
        self.stdout.write(f"\nThe platform with {outputs:,} outputs and {needs:,} open needs; ms")
        for name, value in figures.items():
            target = TARGETS.get(name)
            note = "" if target is None else f"  asked for: {target:,.0f}"
            self.stdout.write(f"  {value:>12,.1f}  {name}{note}")
