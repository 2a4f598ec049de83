"""Import technical needs of one organisation from a CSV or JSONL file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.permissions import Denied
from lib import import_rows as importing
from needs.need.imports import import_needs


class Command(BaseCommand):
    help = "Import technical needs as drafts from CSV or JSONL (UTF-8 or GB18030); safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        importing.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            summary = import_needs(
                path=options["file"],
                source=options["source"],
                organisation=Organisation.objects.get(code=options["organisation"]),
                update=options["update"],
                at=timezone.now(),
                progress=importing.progress_on(self.stdout),
            )
        except Organisation.DoesNotExist as missing:
            raise CommandError(_("没有编号为 %(code)s 的机构。") % {"code": options["organisation"]}) from missing
        except (importing.Unreadable, Denied) as problem:
            raise CommandError(str(problem)) from problem
        importing.write_report(summary, out=self.stdout, errors=self.stderr)
