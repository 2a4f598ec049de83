"""Measure the matching engine on needs, outputs and judgements; see docs/evaluation.md."""

import csv
import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lab.evaluation.collection import (
    BadFolder,
    demo_collection,
    load_folder,
)
from lab.evaluation.report import evaluate


class Command(BaseCommand):
    help = (
        "Measure the matching engine on a folder with needs.jsonl, outputs.jsonl and judgements.csv; "
        "without a folder, on the demo data."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?")
        parser.add_argument(
            "--weights",
            choices=["none", "cv"],
            default="none",
            help="none: the shipped weights alone; cv: also weights learnt from the other needs (nested folds)",
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
        parser.add_argument(
            "--scores", type=Path, metavar="FILE", help="write need_id,output_id,score of every judged pair (CSV)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._started = time.monotonic()
        folder = options["folder"]
        try:
            report = evaluate(
                load_folder(folder) if folder else demo_collection(Path(settings.BASE_DIR) / "demo"),
                learning=options["weights"] == "cv",
                progress=self._say,
            )
        except (BadFolder, OSError) as error:
            raise CommandError(str(error)) from error
        self._say("done", end="\n")
        self.stdout.write(report.to_text())
        if options["json"]:
            figures = json.dumps(report.to_json(), indent=2, ensure_ascii=False)
            options["json"].write_text(figures + "\n", encoding="utf-8")
        if options["scores"]:
            with options["scores"].open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["need_id", "output_id", "score"])
                writer.writerows(report.scores)

    def _say(self, step: str, end: str = "") -> None:
        """One line that changes on a terminal, a line for each step elsewhere."""
        line = f"{time.monotonic() - self._started:5.0f} s  {step}"
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{line}", ending=end)
        else:
            self.stderr.write(line)
