"""Measure the matching engine on a folder of needs, outputs and judgements; see docs/evaluation.md."""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.evaluation import BadFolder, evaluate, load_folder


class Command(BaseCommand):
    help = "Measure the matching engine on a folder with needs.jsonl, outputs.jsonl and judgements.csv."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
        parser.add_argument(
            "--scores", type=Path, metavar="FILE", help="write need_id,output_id,score of every judged pair (CSV)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = evaluate(load_folder(options["folder"]), progress=self._say)
        except (BadFolder, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report.to_text())
        if options["json"]:
            options["json"].write_text(json.dumps(report.to_json(), indent=2) + "\n", encoding="utf-8")
        if options["scores"]:
            with options["scores"].open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["need_id", "output_id", "score"])
                writer.writerows(report.scores)

    def _say(self, name: str) -> None:
        self.stderr.write(f"ranking: {name} …")
