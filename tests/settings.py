"""config.settings with what tests need different. The servers are named before, by tests/environment.py."""

import os
from pathlib import Path

# Enough for tools that read the settings and never connect, such as mypy.
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DATABASE_URL", "postgres:///sunhe")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")

from config.settings import *  # noqa: F403

# Argon2 is slow on purpose; what is tested is not the hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Files people attach in tests, and the index, go with the session's folder; each process has its own.
_FOLDER = Path(os.environ.get("SUNHE_TEST_FOLDER", "var/test")).resolve()
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "main")
ATTACHMENT_ROOT = _FOLDER / "attachments" / _PROCESS
INDEX_ROOT = Path(os.environ.get("INDEX_ROOT") or _FOLDER / "index" / _PROCESS)

# Whatever the surroundings say: no test asks somebody else's server.
EMBEDDINGS_URL = EMBEDDINGS_MODEL = EMBEDDINGS_KEY = ""

# A file is looked for when it is asked for: every test client has middleware of its own, and WhiteNoise would list
# the thousand files it serves for each of them.
WHITENOISE_AUTOREFRESH = True
