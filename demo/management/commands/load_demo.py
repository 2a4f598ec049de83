"""Demo data for a first look, and who to log in as."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Membership
from demo import loading as demo


class Command(BaseCommand):
    help = "Load the demo data of demo/ once: organisations, outputs, needs, a matching run and a few answers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is any organisation")
        parser.add_argument("--accounts", action="store_true", help="only print who to log in as")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self._print_accounts()
        elif demo.is_loaded():
            self.stdout.write("The demo data is here already.")
        elif options["if_empty"] and not demo.is_empty():
            self.stdout.write("There are organisations: no demo data loaded.")
        else:
            demo.load(at=timezone.now(), say=self._say)
            self._print_accounts()

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()

    def _print_accounts(self) -> None:
        """A table of the demo people there are, with where they belong; nothing of it exists: a line."""
        logins = {login.email: login for login in demo.LOGINS}
        memberships = {
            membership.user.email: membership
            for membership in Membership.objects.active()
            .filter(user__email__in=logins)
            .select_related("user", "organisation")
        }
        if not memberships:
            self.stdout.write("  No demo accounts in this database (manage.py load_demo makes them).")
            return
        self.stdout.write(f"  Demo accounts, password {demo.PASSWORD}")
        for email in logins:
            membership = memberships.get(email)
            place = f"{membership.organisation.name} · {membership.get_role_display()}" if membership else "—"
            self.stdout.write(f"  {email:<24} {place}")
        self.stdout.write("  Any other organisation: KEY@demo.example with its key in demo/organisations.jsonl")
