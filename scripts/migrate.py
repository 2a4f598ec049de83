"""The database step of `make run`: bring the tables up to date, unless another version of Sunhe made them.

python -m scripts.migrate [FOLDER]      FOLDER holds the database when it is an embedded one

Django's own `migrate` ignores applied migrations that are not in the code, so it would try to create tables that
exist. This step finds them first, changes nothing, and ends with the exit code REFUSED.
"""

import os
import shlex
import sys

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

REFUSED = 3  # nothing was touched, and the last line of the output says what to do


def unknown_migrations() -> list[str]:
    """The migrations that were applied to the database and are not in the code, as app.name."""
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied.keys() - loader.disk_migrations.keys())


def refusal(unknown: list[str], folder: str | None) -> str:
    """One line: what is wrong with the database and what to do about it."""
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    made = f"made by another version of Sunhe (this one has no migration {unknown[0]}{more})"
    if folder is None:
        return f"DATABASE_URL names a database {made}. Name an empty one and try again."
    deletion = f"rm -r {shlex.quote(folder)}"
    return f"{folder} holds a database {made}. Move {folder} away or delete it ({deletion}), then try again."


def main(arguments: list[str]) -> int:
    """0 when the tables are up to date, REFUSED when the database is not ours to change."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    unknown = unknown_migrations()
    if unknown:
        print(refusal(unknown, arguments[0] if arguments else None))
        return REFUSED
    call_command("migrate", interactive=False, skip_checks=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
