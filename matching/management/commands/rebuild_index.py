"""The whole index anew: documents, snapshot, and where wanted every match."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from matching.documents import maintenance
from matching.runs.actions import rematch_after_rebuild


class Command(BaseCommand):
    help = "Bring documents up to needs and outputs and make a new snapshot of them on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="tokenise also what has not changed")
        parser.add_argument("--rematch", action="store_true", help="then start a rematch of all open needs")

    def handle(self, *args: Any, **options: Any) -> None:
        rebuilt = maintenance.rebuild_index(everything=options["all"], at=timezone.now())
        self.stdout.write(
            f"{rebuilt.written} documents written, {rebuilt.removed} taken out, snapshot {rebuilt.snapshot}"
        )
        if options["rematch"]:
            run = rematch_after_rebuild(at=timezone.now())
            self.stdout.write(f"rematch {run.code} is queued")
