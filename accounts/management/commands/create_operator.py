"""The first operator of a new installation: somebody has to verify the others."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.audit import note
from accounts.models import Membership, Organisation, OrganisationKind, Role, User
from accounts.organisation.workflow import VerificationState


class Command(BaseCommand):
    help = "Make a person an owner of a verified operator organisation; both are created when missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the person's name (default: the part before @)")
        parser.add_argument("--organisation", required=True, help="name of the operator organisation")
        parser.add_argument("--password", default="", help="asked for when missing")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].lower()
        user = User.objects.filter(email=email).first() or self._new_user(email, options)
        organisation = self._organisation(options["organisation"], user)
        _membership, created = Membership.objects.get_or_create(
            user=user, organisation=organisation, ended_at=None, defaults={"role": Role.OWNER}
        )
        self.stdout.write(f"{email}: {'now' if created else 'already'} in {organisation.name} ({organisation.code})")

    def _new_user(self, email: str, options: dict[str, Any]) -> User:
        password = options["password"] or getpass.getpass(f"Password for {email}: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return User.objects.create_user(email, password, name=options["name"] or email.split("@", maxsplit=1)[0])

    def _organisation(self, name: str, user: User) -> Organisation:
        organisation = Organisation.objects.filter(name=name).exclude(kind=OrganisationKind.INDIVIDUAL).first()
        if organisation is None:
            now = timezone.now()
            organisation = Organisation.objects.create(
                name=name, kind=OrganisationKind.OPERATOR, state=VerificationState.VERIFIED, decided_at=now
            )
            note(organisation, "create", by=user, at=now)
        if not organisation.is_operator:
            raise CommandError(f"{name} exists and is not a verified operator organisation.")
        return organisation
