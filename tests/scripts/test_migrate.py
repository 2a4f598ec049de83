"""A database that was made by other code is recognised by the migrations it has had."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from scripts.migrate import refusal, unknown_migrations

pytestmark = pytest.mark.django_db


def test_a_database_of_this_code_has_no_unknown_migrations() -> None:
    assert unknown_migrations() == []


def test_migrations_that_this_code_does_not_have_are_named() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("needs", "0002_of_old")
    recorder.record_applied("accounts", "0001_of_old")
    recorder.record_applied("an_application_of_old", "0001_initial")
    assert unknown_migrations() == ["accounts.0001_of_old", "an_application_of_old.0001_initial", "needs.0002_of_old"]


def test_migrations_that_were_not_applied_yet_are_no_reason_to_stop() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(*min(recorder.applied_migrations()))
    assert unknown_migrations() == []


def test_the_command_that_deletes_a_folder_can_be_pasted() -> None:
    assert "(rm -r '../my var')" in refusal(["accounts.0001_of_old"], "../my var")
