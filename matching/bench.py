"""How fast matching is, on a database of its own with synthesised outputs: `make bench`.

Measured as people meet it: a browser's session submits a need, a real Celery worker executes the run, and the page is
asked until it shows candidates. Beside it the parts of one run inside this process, and as the anchor one product of
the same postings with the same query, which no exact engine on this data can beat by much.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.models.organisation import Role
from matching import library
from matching.document_builder import document_of_need, matchable_solutions, store_solutions
from matching.index import Index
from matching.scoring import Prepared, Scored, rank, retrieve
from matching.text import words
from matching.writing import KEPT
from needs.models import Need, NeedIndicator
from solutions.models import OutputDetail, Solution, SolutionIndicator

SEED = 20261122
REPEATS = 30
DEMO = Path(settings.BASE_DIR) / "demo"
UNITS = ["MPa", "%", "℃", "μm", "h", "dB"]


@contextmanager
def own_database() -> Iterator[str]:
    """A fresh, migrated database beside the configured one; yields its address. Dropped at the end."""
    before = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    url = urlsplit(os.environ["DATABASE_URL"])
    try:
        yield urlunsplit(url._replace(path=f"/{name}"))
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


@contextmanager
def own_worker(database_url: str) -> Iterator[None]:
    """A real Celery worker on that database, and a broker database nobody else listens to."""
    broker = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path="/15"))
    current_app.conf.update(broker_url=broker)
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "matching", "-c", "1", "-l", "WARNING"],
        env=os.environ | {"DATABASE_URL": database_url, "REDIS_URL": broker, "LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,  # a banner
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def vocabulary() -> list[str]:
    """The words of the demo outputs, common ones first."""
    counts: dict[str, int] = {}
    for path in sorted(DEMO.glob("outputs-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for word in words(f"{row['title']} {row['summary']}"):
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))


def synthesise(outputs: int, *, organisation: Organisation, say: Callable[[str], None]) -> None:
    """Write that many published outputs of about 120 tokens each, and their documents."""
    dice = random.Random(SEED)  # noqa: S311  # repeatable, not secret
    known = vocabulary()
    weights = [1 / (rank + 10) for rank in range(len(known))]
    now = timezone.now()
    for start in range(0, outputs, 2000):
        batch = []
        for _ in range(min(2000, outputs - start)):
            drawn = dice.choices(known, weights, k=60)
            batch.append(
                Solution(
                    kind="output",
                    organisation=organisation,
                    title="".join(drawn[:5])[:120],
                    summary="，".join("".join(drawn[i : i + 5]) for i in range(5, 60, 5)),
                    keywords=drawn[:4],
                    state="published",
                    submitted_at=now,
                    published_at=now,
                    reviewed_at=now,
                )
            )
        Solution.objects.bulk_create(batch)
        OutputDetail.objects.bulk_create(OutputDetail(solution=row, trl_min=4, trl_max=6) for row in batch)
        SolutionIndicator.objects.bulk_create(
            SolutionIndicator(
                solution=row, name="抗拉强度", comparison="ge", value=dice.randint(200, 2000), unit=dice.choice(UNITS)
            )
            for row in batch
        )
        store_solutions(matchable_solutions().filter(pk__in=[row.pk for row in batch]))
        say(f"  {start + len(batch):>7,} outputs written and tokenised")


def a_need(organisation: Organisation, person: User) -> Need:
    """A need of the demo data, as a draft."""
    row = json.loads((DEMO / "needs-01.jsonl").read_text(encoding="utf-8").splitlines()[0])
    need = Need.objects.create(
        organisation=organisation,
        created_by=person,
        title=row["title"],
        need_type=row["need_type"],
        keywords=row["keywords"],
        background=row["background"],
        difficulty=row["difficulty"],
        trl_min=row["trl_min"],
    )
    NeedIndicator.objects.create(need=need, name="抗拉强度", comparison="ge", value=1000, unit="MPa")
    return need


def people() -> tuple[Organisation, User, Organisation]:
    """An enterprise with one person, a university with outputs, and an operator who cares for needs."""
    now = timezone.now()
    made = {
        kind: Organisation.objects.create(name=f"示例{kind}", kind=kind, state="verified", decided_at=now)
        for kind in ("enterprise", "university", "operator")
    }
    person = User.objects.create_user("bench@demo.example", None, name="示例")
    operator = User.objects.create_user("operator@demo.example", None, name="示例")
    Membership.objects.create(user=person, organisation=made["enterprise"], role=Role.OWNER)
    Membership.objects.create(user=operator, organisation=made["operator"], role=Role.OWNER)
    return made["enterprise"], person, made["university"]


def submit_to_page(client: Client, need: Need) -> float:
    """Seconds from pressing "submit" to a page that shows candidates."""
    began = time.perf_counter()
    answer = client.post(reverse("needs:submit", args=[need.code]), {"declared": "on"})
    if answer.status_code >= 400:
        raise RuntimeError(f"submitting answered {answer.status_code}")
    page = reverse("matching:for-need", args=[need.code])
    while time.perf_counter() - began < 120:
        html = client.get(page, headers={"HX-Request": "true"}).content.decode()
        found = need.matches.first()
        if found is not None and found.code in html:
            return time.perf_counter() - began
        time.sleep(0.05)
    raise RuntimeError("no candidates on the page within two minutes")


def median_ms(action: Callable[[], Any]) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def measure_scoring(need: Need) -> dict[str, float]:
    """Medians in ms, one core, tokens stored: what one need costs inside a worker."""
    shelf = library.current()
    index, document = shelf.solutions, document_of_need(need)
    stored = Prepared.of(document)
    candidates = shelf.prepared(key for key, _similarity in retrieve(stored, index))
    return {
        "tokenise the need": median_ms(lambda: Prepared.of(document)),
        "retrieve 200 candidates": median_ms(lambda: retrieve(stored, index)),
        "retrieve, score with all parts, explain": median_ms(
            lambda: scored_and_explained(Prepared(document, stored.tokens), index, candidates)
        ),
    }


def scored_and_explained(need: Prepared, index: Index, candidates: dict[str, Prepared]) -> list[tuple[str, Scored]]:
    """What a worker does for one need once its document is stored."""
    return rank(need, retrieve(need, index), candidates, index.statistics, KEPT)
