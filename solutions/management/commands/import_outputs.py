"""Import research outputs of one organisation from a CSV or JSONL file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.permissions import Denied
from lib import import_rows as importing
from solutions.output.kind import OUTPUT
from solutions.solution.imports import import_solutions


class Command(BaseCommand):
    help = "Import research outputs from CSV or JSONL (UTF-8 or GB18030); safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        importing.add_arguments(parser)
        parser.add_argument("--publish", action="store_true", help=_("导入后直接发布，须同时给出 --by"))
        parser.add_argument("--by", metavar="EMAIL", help=_("为来源作保的运营人员"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["publish"] and not options["by"]:
            raise CommandError(_("--publish 须同时给出 --by。"))
        try:
            result = import_solutions(
                kind=OUTPUT,
                path=options["file"],
                source=options["source"],
                organisation=self._organisation(options["organisation"]),
                update=options["update"],
                publish_by=self._operator(options["by"]) if options["publish"] else None,
                at=timezone.now(),
                progress=importing.progress_on(self.stdout),
            )
        except (importing.Unreadable, Denied) as problem:
            raise CommandError(str(problem)) from problem
        importing.write_report(result.summary, out=self.stdout, errors=self.stderr)
        if result.publication:
            for solution, reason in result.publication.refused:
                self.stderr.write(f"{solution.external_id} {solution.title}: {reason}")
            self.stdout.write(_("发布 %(count)s 项") % {"count": len(result.publication.done)})

    def _organisation(self, code: str) -> Organisation:
        try:
            return Organisation.objects.get(code=code)
        except Organisation.DoesNotExist as missing:
            raise CommandError(_("没有编号为 %(code)s 的机构。") % {"code": code}) from missing

    def _operator(self, email: str) -> User:
        try:
            return User.objects.get(email__iexact=email)
        except User.DoesNotExist as missing:
            raise CommandError(_("没有邮箱为 %(email)s 的用户。") % {"email": email}) from missing
