"""`manage.py bench_matching`: how fast engine and platform are, against named baselines in the same run."""

import json
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.test import Client

from lab import bench_engine, bench_platform
from matching.documents import library

SMALLEST = 30_000  # where baselines that take a second for a query are still asked
TARGETS = {  # ms
    "submit → candidates on the page": 2000.0,
    "one need retrieved, scored with all parts, the best 20 explained": 8.0,
    "one new output against the open needs": 5.0,
    "rematch of everything, matches written, 2 processes": 60_000.0,
}


class Command(BaseCommand):
    help = "Measure the engine against named baselines, and the platform with synthesised needs and outputs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sizes", default="30000,300000,1000000", help="collections of the engine part")
        parser.add_argument("--outputs", type=int, default=30_000, help="outputs of the platform part; 0 leaves it out")
        parser.add_argument("--needs", type=int, default=10_000, help="needs of the platform part")
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = [int(size) for size in options["sizes"].split(",") if size]
        figures: dict[str, Any] = {}
        with tempfile.TemporaryDirectory() as folder, bench_platform.own_database() as database_url:
            settings.INDEX_ROOT = Path(folder)
            library.forget()
            if options["outputs"]:
                figures["platform"] = self._platform(options["outputs"], options["needs"], database_url)
            figures["engine"] = self._engine(sizes)
        if options["json"]:
            text = json.dumps(figures, ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")

    def _engine(self, sizes: list[int]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for documents in sizes:
            size, rows = bench_engine.measure(documents, say=self.stdout.write)
            if documents <= SMALLEST:
                anchor = rows[0].ms
                slow = bench_engine.measure_slow(documents, say=self.stdout.write)
                slow["PostgreSQL full text, GIN"] = bench_platform.measure_postgres(documents, say=self.stdout.write)
                rows += [bench_engine.Row(documents, name, ms, ms / anchor) for name, ms in slow.items()]
            found.append({**asdict(size), "rows": [asdict(row) for row in rows]})
            self._report_size(size, rows)
        if len(found) > 1:
            first, last = found[0], found[-1]
            times = last["documents"] / first["documents"]
            self.stdout.write(
                f"\nGrowth from {first['documents']:,} to {last['documents']:,} outputs, {times:.0f} times:"
            )
            for before, after in zip(first["rows"], last["rows"], strict=False):
                self.stdout.write(f"  {after['ms'] / before['ms']:>8.1f} times  {after['name']}")
            self.stdout.write(f"  {last['scored_ms'] / first['scored_ms']:>8.1f} times  scored and explained")
        return found

    def _report_size(self, size: bench_engine.Size, rows: list[bench_engine.Row]) -> None:
        self.stdout.write(
            f"\n{size.documents:,} outputs ({bench_engine.DOCUMENT_TERMS} terms), needs of {bench_engine.QUERY_TERMS}: "
            f"built in {size.build_seconds:.1f} s, {size.bytes_each:,.0f} bytes an output, "
            f"{size.postings_touched:,} postings touched by a need"
        )
        for row in rows:
            self.stdout.write(f"  {row.ms:>12,.2f} ms  {row.ratio:>10,.2f} × the flat scan  {row.name}")
        self.stdout.write(f"  {size.scored_ms:>12,.2f} ms  retrieved, scored with all parts, the best 20 explained")

    def _platform(self, outputs: int, needs: int, database_url: str) -> dict[str, float]:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        enterprise, person, university, operator = bench_platform.people()
        bench_platform.synthesise(outputs, organisation=university, say=self.stdout.write)
        bench_platform.synthesise_needs(
            needs, outputs, organisation=enterprise, person=person, caretaker=operator, say=self.stdout.write
        )
        began = time.perf_counter()
        library.current()
        figures = {"a snapshot made of the stored documents, and taken up": (time.perf_counter() - began) * 1000}
        need = bench_platform.a_need(enterprise, person)
        shipped = bench_platform.shipped_terms(need)
        figures |= bench_platform.measure_scoring(need)
        figures["one new output against the open needs"] = bench_platform.measure_percolation()
        written = 0
        for processes, anew in ((1, True), (2, True), (2, False)):
            seconds, run = bench_platform.measure_rematch(
                workers=processes, database_url=database_url, by=operator, anew=anew
            )
            written = run.counts["matches"]
            plural = "process" if processes == 1 else "processes"
            done = "matches written" if anew else "again, nothing changed"
            figures[f"rematch of everything, {done}, {processes} {plural}"] = seconds * 1000
            self.stdout.write(f"  {seconds:.1f} s, {done}, {processes} {plural}, {written:,} matches; {run.timings}")
        client = Client()
        client.force_login(person)
        with bench_platform.own_worker(database_url):
            waits = [
                bench_platform.submit_to_page(client, bench_platform.a_need(enterprise, person)) * 1000
                for _ in range(6)
            ]
        figures["submit → candidates on the page, first after a restart"] = waits[0]
        figures["submit → candidates on the page"] = sorted(waits[1:])[2]
        self.stdout.write(f"\nThe platform with {outputs:,} outputs and {needs:,} open needs, {written:,} matches; ms")
        for name, value in figures.items():
            target = TARGETS.get(name)
            note = "" if target is None else f"  asked for: {target:,.0f}"
            self.stdout.write(f"  {value:>12,.1f}  {name}{note}")
        self.stdout.write("One demo need with the terms the engine uses, on these outputs:")
        for name, value in shipped.items():
            self.stdout.write(f"  {value:>12,.2f}  {name}")
        return figures | {f"shipped terms: {name}": value for name, value in shipped.items()}
