"""How fast the platform is, on a database of its own with synthesised needs and outputs: half of `make bench`.

Measured as people meet it: a browser's session submits a need, real Celery workers execute the runs, and the page is
asked until it shows candidates. The engine alone is measured in lab/bench_engine.py.
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
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from lab import bench_engine
from matching.documents import library
from matching.documents.builder import (
    document_of_need,
    matchable_needs,
    matchable_solutions,
    store_needs,
    store_solutions,
)
from matching.engine.prepared import Prepared
from matching.engine.scoring import (
    Scored,
    rank,
    retrieve,
)
from matching.engine.text import words
from matching.models import Match, MatchRun, StoredDocument, Trigger
from matching.runs.actions import nudge, rematch_everything, start_run
from matching.runs.pairing import KEPT, REVERSE_CANDIDATES
from matching.runs.workflow import RunState
from needs.models import Need, NeedIndicator
from solutions.models import OutputDetail, Solution, SolutionIndicator

SEED = 20261122
REPEATS = 30
MOST_SECONDS = 1800
TOPIC_SIZE = 30  # outputs of one subject
TOPIC_SHARE = 0.45  # of a text's words
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
def own_worker(database_url: str, *, processes: int = 1) -> Iterator[None]:
    """Real Celery worker processes on that database, and a broker database nobody else listens to."""
    broker = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path="/15"))
    current_app.conf.update(broker_url=broker)
    command = ["-m", "celery", "-A", "config", "worker", "-Q", "matching", "-c", str(processes), "-l", "WARNING"]
    places = {"DATABASE_URL": database_url, "REDIS_URL": broker, "INDEX_ROOT": str(settings.INDEX_ROOT)}
    worker = subprocess.Popen(  # noqa: S603  # our own program with our own words
        [sys.executable, *command],
        env=os.environ | places | {"LOG_LEVEL": "WARNING"},
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


class Writer:
    """Draws texts: words of a subject, which TOPIC_SIZE outputs and some needs share, among words of everything.

    So every need has a good dozen outputs that fit it, as in a collection worth matching: much is written.
    """

    def __init__(self, outputs: int, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._known = vocabulary()
        self._weights = [1 / (rank + 10) for rank in range(len(self._known))]
        subjects = random.Random(SEED)  # noqa: S311  # the same for needs and outputs
        self._topics = [subjects.sample(self._known[50:], 24) for _ in range(max(1, outputs // TOPIC_SIZE))]

    def draw(self, count: int) -> list[str]:
        topic = self.dice.choice(self._topics)
        general = self.dice.choices(self._known, self._weights, k=count)
        return [self.dice.choice(topic) if self.dice.random() < TOPIC_SHARE else word for word in general]


def sentences(drawn: list[str]) -> str:
    return "，".join("".join(drawn[i : i + 5]) for i in range(0, len(drawn), 5))


def synthesise(outputs: int, *, organisation: Organisation, say: Callable[[str], None]) -> None:
    """Write that many published outputs of about 260 terms each, and their documents."""
    writer = Writer(outputs, SEED)
    dice, now = writer.dice, timezone.now()
    published = {
        "kind": "output",
        "organisation": organisation,
        "state": "published",
        "submitted_at": now,
        "published_at": now,
        "reviewed_at": now,
    }
    # partners of the demo needs: else a submitted one would be told that nothing fits
    lines = (DEMO / "outputs-01.jsonl").read_text(encoding="utf-8").splitlines()
    partners = [
        Solution(title=row["title"], summary=row["summary"], keywords=row["keywords"], **published)
        for row in map(json.loads, lines)
    ]
    for start in range(0, outputs, 2000):
        batch, partners = partners, []
        for _ in range(min(2000, outputs - start) - len(batch)):
            drawn = writer.draw(60)
            batch.append(
                Solution(title="".join(drawn[:5])[:120], summary=sentences(drawn[5:]), keywords=drawn[:4], **published)
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


def synthesise_needs(
    needs: int, outputs: int, *, organisation: Organisation, person: User, caretaker: User, say: Callable[[str], None]
) -> None:
    """Write that many published needs of the same words, each with an indicator, and their documents."""
    writer = Writer(outputs, SEED + 1)
    dice, now = writer.dice, timezone.now()
    for start in range(0, needs, 1000):
        batch = []
        for _ in range(min(1000, needs - start)):
            drawn = writer.draw(40)
            batch.append(
                Need(
                    organisation=organisation,
                    created_by=person,
                    title="".join(drawn[:5])[:120],
                    need_type="process_improvement",
                    keywords=drawn[:3],
                    background=sentences(drawn[5:25]),
                    difficulty=sentences(drawn[25:]),
                    trl_min=6,
                    state="published",
                    declared_at=now,
                    declared_by=person,
                    caretaker=caretaker,
                    submitted_at=now,
                    published_at=now,
                    reviewed_at=now,
                )
            )
        Need.objects.bulk_create(batch)
        NeedIndicator.objects.bulk_create(
            NeedIndicator(need=row, name="抗拉强度", comparison="ge", value=dice.randint(200, 2000), unit="MPa")
            for row in batch
        )
        store_needs(matchable_needs().filter(pk__in=[row.pk for row in batch]))
        say(f"  {start + len(batch):>7,} needs written and tokenised")


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


def people() -> tuple[Organisation, User, Organisation, User]:
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
    return made["enterprise"], person, made["university"], operator


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


def median_ms(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def measure_scoring(need: Need) -> dict[str, float]:
    """Medians in ms, one core, documents stored: what one need costs inside a worker, and one output the other way."""
    held = library.current()
    index, document = held.solutions, document_of_need(need)
    stored = Prepared.of(document)
    candidates = held.prepared(retrieve(stored, index).keys)

    def score_and_explain() -> list[tuple[str, Scored]]:
        asked = Prepared(document, stored.terms, _tokens=stored._tokens)
        return rank(asked, retrieve(asked, index), candidates, index.statistics, KEPT)

    score_and_explain()
    return {
        "tokenise one need": median_ms(lambda: Prepared.of(document)),
        "one need retrieved, scored with all parts, the best 20 explained": median_ms(score_and_explain),
    }


def measure_percolation() -> float:
    """Median ms to find the open needs one output is nearest to, with the similarities they are scored from."""
    held = library.current()
    keys = StoredDocument.objects.filter(solution__isnull=False).values_list("key", flat=True)[:REPEATS]
    outputs = list(held.prepared(keys).values())
    queries = iter([*outputs[:1], *outputs])

    def ask() -> None:
        output = next(queries)
        output._query = None  # its vector is part of the work
        held.needs.nearest(output.as_solution(held.needs.statistics), REVERSE_CANDIDATES)

    ask()
    return median_ms(ask, repeats=len(outputs))


def measure_rematch(*, workers: int, database_url: str, by: User, anew: bool = True) -> tuple[float, MatchRun]:
    """Seconds from asking for a whole rematch to its end, matches written, with that many warm worker processes.

    `anew`: every match is a new one; else all are known and none has changed.
    """
    with own_worker(database_url, processes=workers):
        warm_up(by=by)
        if anew:
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {Match._meta.db_table} CASCADE")
        run = rematch_everything(by=by, at=timezone.now())
        nudge()
        began = time.perf_counter()
        while not run.is_finished:
            time.sleep(0.1)
            run.refresh_from_db()
            if time.perf_counter() - began > MOST_SECONDS:
                raise RuntimeError(f"the rematch has come to {run.progress} % in {MOST_SECONDS} s")
        if run.state != RunState.DONE:
            raise RuntimeError(run.error)
        return time.perf_counter() - began, run


def warm_up(*, by: User) -> None:
    """Until the workers have done something they may still be starting."""
    need = Need.objects.order_by("pk").first()
    assert need is not None
    run = start_run(trigger=Trigger.NEED_CHANGED, needs=[need], by=by, at=timezone.now())
    nudge()
    while not run.is_finished:
        time.sleep(0.2)
        run.refresh_from_db()


def measure_postgres(documents: int, *, say: Callable[[str], None]) -> float:
    """Median ms of PostgreSQL's own full text on the collection of lab/bench_engine.py: GIN, OR query, ts_rank."""
    collection = bench_engine.Collection.of(documents)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_texts (id integer, body tsvector)")
        texts = enumerate(collection.texts())
        for batch in iter(lambda: list(islice(texts, 2000)), []):
            values = ", ".join(["(%s, to_tsvector('simple', %s))"] * len(batch))
            cursor.execute(f"INSERT INTO bench_texts VALUES {values}", [one for row in batch for one in row])  # noqa: S608
        cursor.execute("CREATE INDEX ON bench_texts USING gin (body)")
        cursor.execute("ANALYZE bench_texts")

        def ask(places: Any) -> None:
            question = " | ".join(f"t{place}" for place in places.tolist())
            cursor.execute(
                "SELECT id FROM bench_texts, to_tsquery('simple', %s) AS asked WHERE body @@ asked "
                "ORDER BY ts_rank(body, asked) DESC LIMIT %s",
                [question, bench_engine.BEST],
            )
            cursor.fetchall()

        ms = bench_engine.median_ms(ask, collection.queries[: bench_engine.SLOW_QUERIES])
        cursor.execute("DROP TABLE bench_texts")
    say(f"  {documents:>9,} PostgreSQL full text: {ms:,.0f} ms")
    return ms


def shipped_terms(need: Need) -> dict[str, float]:
    """Retrieval for one need with the terms the engine really uses: words, pairs and single characters."""
    held = library.current()
    query = Prepared.of(document_of_need(need)).as_need(held.solutions.statistics)
    return bench_engine.compare(held.solutions, query)
