"""Whether documents and this machine's snapshot are what the database says; exit code 1 when not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from matching.documents import library, maintenance

NAMED = 20  # codes of each kind of difference


class Command(BaseCommand):
    help = "Compare index and database and say what differs. Nothing is mended: manage.py rebuild_index does."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = maintenance.check_index()
        kept = library.kept_snapshot()
        if kept is not None:
            self.stdout.write(
                f"snapshot {kept.version} of {kept.taken_at:%Y-%m-%d %H:%M:%S}: {kept.statistics.documents} outputs,"
                f" statistics with {kept.statistics.needs} needs"
            )
        for one in differences:
            more = f" and {len(one.codes) - NAMED} more" if len(one.codes) > NAMED else ""
            count = f": {len(one.codes)} ({' '.join(one.codes[:NAMED])}{more})" if one.codes else ""
            self.stdout.write(f"{one.what}{count}")
        if differences:
            sys.exit(1)
        self.stdout.write("index and database agree")
