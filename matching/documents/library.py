"""What a process knows of the documents: a snapshot of the outputs, the open needs, and what changed since.

PostgreSQL is the truth. Each machine makes its snapshot from the document rows (matching/engine/snapshot.py); a process
maps it, reads the needs, and from then on fetches only rows that changed since it last looked. Clocks and commits of
different machines are not in step, so it always looks back a little further (`OVERLAP`) and skips what it already has
by fingerprint. When much has changed, whoever notices first makes the next snapshot, and the others take it up.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce

from lib import clock
from matching.documents.builder import document_from_json
from matching.engine import snapshot
from matching.engine.documents import Tokens
from matching.engine.index import Gathered, Index, Segment, names_of, of_outputs
from matching.engine.prepared import Prepared
from matching.engine.snapshot import (
    Damaged,
    Snapshot,
    current_version,
    print_of,
    version_of,
)
from matching.engine.terms import Terms, tokens_by_number
from matching.engine.vectors import Statistics
from matching.models import StoredDocument
from needs.need.workflow import NeedState

OVERLAP = timedelta(minutes=5)
MOST_PREPARED = 60_000  # documents kept ready for scoring; about 4 KB each
MOST_CHANGES = 2_000  # beside a snapshot; below 40,000 outputs a twentieth of them
_FETCH = 1_000

_OUTPUTS = Q(solution__isnull=False)
_HIDING = Q(public_terms__isnull=False)


class Library:
    """Both directions: outputs for a need, open needs for an output."""

    def __init__(self) -> None:
        self._taken_up = ""  # the snapshot that was taken up whole
        self._snapshot: Snapshot | None = None
        self._begin(Statistics())

    def _begin(self, statistics: Statistics, outputs: Segment | None = None) -> None:
        self.solutions = Index(statistics, base=outputs)
        self.needs = Index(statistics, of_needs=True)  # those that hide nothing
        # Needs that hide something, twice: by all of their text, and by what everybody may read of it. An index of
        # their own, so that which needs are near by public text is a function of public text alone.
        self.guarded = Index(statistics, of_needs=True)
        self.guarded_publicly = Index(statistics, of_needs=True)
        self._changed_prints: dict[str, int] = {}  # of needs, and of outputs that are not as in the snapshot
        self._prepared: dict[str, Prepared] = {}
        self._prepared_publicly: dict[str, Prepared] = {}
        self._seen: datetime | None = None  # changes until then are in, by the database's clock
        self._latest: datetime | None = None  # the last change there was

    @property
    def version(self) -> str:
        """The snapshot whose statistics all scores rest on."""
        return self.solutions.statistics.version

    @property
    def taken_at(self) -> datetime:
        assert self._snapshot is not None, "refreshed before"
        return self._snapshot.taken_at

    def refresh(self, *, anew: bool = False) -> None:
        """Bring the library up to the database's committed rows; `anew`: with statistics of just these rows."""
        if anew:
            with snapshot.building(_root(), wait=True):
                self._make()
        elif current_version(_root()) != self._taken_up or self._is_ahead():
            self._take_newest()
        self.catch_up()
        if _is_much(self.solutions):
            # Where somebody else is just making one, this process goes on with what it has until the next time.
            with snapshot.building(_root(), wait=False) as is_ours:
                if is_ours and (current_version(_root()) == self._taken_up or not self._open()):
                    self._make()
            self.catch_up()
        if any(_is_much(index) for index in (self.needs, self.guarded, self.guarded_publicly)):
            self._read_needs()

    def catch_up(self) -> None:
        """Take in what changed, by the statistics there are."""
        assert self._seen is not None, "refreshed before"
        now = clock.now()
        changed = StoredDocument.objects.filter(changed_at__gte=self._seen - OVERLAP)
        states = list(changed.values_list("key", "fingerprint", "is_active", "changed_at"))
        for key, _fingerprint, is_active, _changed_at in states:
            if not is_active:
                self._forget(key)
        self._fetch(
            [key for key, fingerprint, is_active, _at in states if is_active and not self._has(key, fingerprint)]
        )
        self._seen = now
        self._latest = max((changed_at for *_state, changed_at in states), default=self._latest)

    def prepared(self, keys: Iterable[str]) -> dict[str, Prepared]:
        """Documents ready for scoring by key, fetched in one query where not held yet; unknown keys are left out."""
        wanted = list(keys)
        missing = [key for key in wanted if key not in self._prepared]
        if missing:
            if len(self._prepared) + len(missing) > MOST_PREPARED:
                self._prepared.clear()
                self._prepared_publicly.clear()
                missing = wanted
            rows = StoredDocument.objects.filter(key__in=missing, is_active=True)
            columns = (
                *("key", "fingerprint", "content", "terms", "tokens"),
                *("public_content", "public_terms", "public_tokens"),
            )
            for row in rows.values(*columns).iterator(chunk_size=_FETCH):
                self._prepared[row["key"]] = _prepared(row["fingerprint"], row["content"], row["terms"], row["tokens"])
                if row["public_content"] is not None:
                    self._prepared_publicly[row["key"]] = _prepared(
                        row["fingerprint"], row["public_content"], row["public_terms"], row["public_tokens"]
                    )
        return {key: self._prepared[key] for key in wanted if key in self._prepared}

    def prepared_publicly(self, keys: Iterable[str]) -> dict[str, Prepared]:
        """What everybody may read of the needs among `keys` that hide something; all others are left out."""
        known = self.prepared(keys)
        return {key: self._prepared_publicly[key] for key in known if key in self._prepared_publicly}

    def _is_ahead(self) -> bool:
        """Whether the database has gone back behind what was seen of it: it was restored from a copy."""
        latest = _latest_change()
        return self._latest is not None and (latest is None or latest < self._latest)

    def _take_newest(self) -> None:
        """Take up the machine's current snapshot; who finds none that can be read makes one, and the others wait."""
        if self._open():
            return
        with snapshot.building(_root(), wait=True):
            if not self._open():
                self._make()

    def _open(self) -> bool:
        taken = kept_snapshot()
        if taken is not None:
            self._take_up(taken)
        return taken is not None

    def _make(self) -> None:
        """Make the snapshot of the rows as they are now. The caller holds `building`."""
        kept = kept_snapshot()
        taken = take_snapshot(kept)
        if kept is None or kept.version != taken.version:
            taken.write(_root())
            taken = replace(Snapshot.read(_root(), taken.version), taken_at=taken.taken_at)
        self._take_up(taken)

    def _take_up(self, taken: Snapshot) -> None:
        """Begin with a snapshot. It is compared with all rows: it may be of another time of the database, even of a
        later one when that was restored, or rows may be gone without a trace.
        """
        self._taken_up = ""  # an error on the way must not leave half a library in use
        self._snapshot = taken
        self._begin(taken.statistics, taken.segment)
        self._seen, self._latest = taken.taken_at, _latest_change()
        rows = StoredDocument.objects.filter(_OUTPUTS, is_active=True)
        known = taken.prints_by_key()
        states = rows.values_list("key", "fingerprint").iterator(chunk_size=_FETCH)
        differing = [key for key, fingerprint in states if known.pop(key.encode(), None) != print_of(fingerprint)]
        for key in known:
            self._forget(key.decode())
        self._fetch(differing)
        self._read_needs()
        self._taken_up = taken.version

    def _read_needs(self) -> None:
        """Read all needs, in place of what there was of them."""
        statistics = self.solutions.statistics
        rows = StoredDocument.objects.filter(need__isnull=False, is_active=True)
        # First the prints: a need that changes meanwhile does not fit its print, and is fetched again.
        prints = dict(rows.values_list("key", "fingerprint").iterator(chunk_size=_FETCH))
        needs = Index.build(_terms(~_HIDING & ~_OUTPUTS), statistics=statistics, of_needs=True)
        guarded = Index.build(_terms(_HIDING), statistics=statistics, of_needs=True)
        publicly = Index.build(_terms(_HIDING, "public_terms"), statistics=statistics, of_needs=True)
        self.needs, self.guarded, self.guarded_publicly = needs, guarded, publicly
        self._changed_prints |= {key: print_of(fingerprint) for key, fingerprint in prints.items()}

    def _fetch(self, keys: list[str]) -> None:
        rows = StoredDocument.objects.filter(key__in=keys, is_active=True)
        columns = ("key", "solution", "fingerprint", "terms", "public_terms")
        for row in rows.values(*columns).iterator(chunk_size=_FETCH):
            self._forget(row["key"])
            self._take_in(row)
            self._changed_prints[row["key"]] = print_of(row["fingerprint"])

    def _has(self, key: str, fingerprint: str) -> bool:
        short = print_of(fingerprint)
        known = self._changed_prints.get(key)
        if known is not None or self._snapshot is None or key not in self.solutions:
            return known == short
        row = self._snapshot.segment.row_of(key)
        return row is not None and int(self._snapshot.prints[row]) == short

    def _take_in(self, row: Mapping[str, Any]) -> None:
        index = self.solutions
        if row["public_terms"] is not None:
            index = self.guarded
            self.guarded_publicly.upsert(row["key"], Terms.unpack(row["public_terms"]))
        elif row["solution"] is None:
            index = self.needs
        index.upsert(row["key"], Terms.unpack(row["terms"]))

    def _forget(self, key: str) -> None:
        self._prepared.pop(key, None)
        self._prepared_publicly.pop(key, None)
        self._changed_prints.pop(key, None)
        for index in (self.solutions, self.needs, self.guarded, self.guarded_publicly):
            index.remove(key)


def take_snapshot(kept: Snapshot | None = None) -> Snapshot:
    """Read all active documents and make the segment and statistics of them. What changes meanwhile is caught up with.

    Where `kept` is of these very rows, whenever its files were written, nothing is made: it is taken again. What needs
    say counts towards the statistics only as far as everybody may read it: else a supplier could learn of hidden words
    by how generic they have become.
    """
    taken_at = clock.now()
    rows = StoredDocument.objects.filter(_OUTPUTS, is_active=True).order_by("key")
    outputs = _packed(rows.values_list("key", "fingerprint", "terms"))
    published = StoredDocument.objects.filter(need__state=NeedState.PUBLISHED, is_active=True).order_by("key")
    needs = _packed(published.values_list("key", "fingerprint", Coalesce("public_terms", "terms")))
    version = version_of(sorted([*outputs, *needs], key=itemgetter(0)))
    if kept is not None and kept.version == version:
        return replace(kept, taken_at=taken_at)
    outputs.sort(key=lambda row: row[0].encode())  # PostgreSQL's order may be another
    segment, statistics = of_outputs(
        names_of([key for key, _print, _terms in outputs]),
        Gathered.of([Terms.unpack(terms) for _key, _print, terms in outputs]),
        Gathered.of([Terms.unpack(terms) for _key, _print, terms in needs]),
        version=version,
    )
    numbers = np.array([print_of(fingerprint) for _key, fingerprint, _terms in outputs], dtype=np.uint64)
    return Snapshot(version, taken_at, segment, statistics, numbers)


def _packed(rows: QuerySet[StoredDocument, tuple[str, str, bytes | memoryview]]) -> list[tuple[str, str, bytes]]:
    """Key, fingerprint and packed terms of each row."""
    return [(key, fingerprint, bytes(terms)) for key, fingerprint, terms in rows.iterator(chunk_size=_FETCH)]


def kept_snapshot() -> Snapshot | None:
    """The one that processes of this machine use; None where there is none, or none that can be read."""
    version = current_version(_root())
    try:
        return None if version is None else Snapshot.read(_root(), version)
    except Damaged:
        return None


@dataclass(frozen=True, slots=True)
class Changes:
    """Outputs that are not in a snapshot as their documents are, by code.

    `unnoticed`: nothing says that they changed since, so who has taken it up would not look. `beyond`: all of them,
    when they are more than a snapshot is kept for.
    """

    unnoticed: list[str]
    beyond: list[str]


def changes_since(taken: Snapshot) -> Changes:
    """Compare a snapshot with the documents of all outputs."""
    in_snapshot = taken.prints_by_key()
    rows = StoredDocument.objects.filter(_OUTPUTS).values_list("key", "fingerprint", "is_active", "changed_at")
    changed, known_changed = set(), set()
    for key, fingerprint, is_active, changed_at in rows.iterator(chunk_size=_FETCH):
        if in_snapshot.pop(key.encode(), None) != (print_of(fingerprint) if is_active else None):
            changed.add(key)
        if changed_at >= taken.taken_at - OVERLAP:
            known_changed.add(key)
    changed |= {key.decode() for key in in_snapshot}
    is_much = len(changed) > _most_changes(len(taken.prints))
    return Changes(unnoticed=sorted(changed - known_changed), beyond=sorted(changed) if is_much else [])


def _root() -> Path:
    return Path(settings.INDEX_ROOT)


def _is_much(index: Index) -> bool:
    """Whether so much of an index changed that it is time to make it anew."""
    return index.changes > _most_changes(len(index))


def _most_changes(documents: int) -> int:
    return min(MOST_CHANGES, documents // 20)


def _latest_change() -> datetime | None:
    latest: datetime | None = StoredDocument.objects.aggregate(latest=Max("changed_at"))["latest"]
    return latest


def _terms(which: Q, column: str = "terms") -> Iterator[tuple[str, Terms]]:
    rows = StoredDocument.objects.filter(which, is_active=True).order_by("pk")
    for key, terms in rows.values_list("key", column).iterator(chunk_size=_FETCH):
        yield key, Terms.unpack(terms)


def _prepared(fingerprint: str, content: Mapping[str, Any], terms: bytes, tokens: Mapping[str, Any] | None) -> Prepared:
    """Of an output (which has no tokens) the body is left behind: nothing that scores reads it."""
    if tokens is None:
        return Prepared(document_from_json({**content, "body": ""}), Terms.unpack(terms), fingerprint)
    by_number = tokens_by_number(Tokens.from_json(tokens).fields())
    return Prepared(document_from_json(content), Terms.unpack(terms), fingerprint, by_number)


@cache
def _of_this_process() -> Library:
    return Library()


def current(*, anew: bool = False, not_older_than: tuple[str, datetime | None] | None = None) -> Library:
    """This process's library, brought up to date.

    `anew`: with statistics of the rows as they are now. `not_older_than`: with the snapshot of that version, or one
    taken since that time: shares of one rematch rest on the same statistics on whichever machine they are worked on.
    """
    library = _of_this_process()
    library.refresh(anew=anew)
    if not_older_than is not None:
        version, since = not_older_than
        if library.version != version and since is not None and library.taken_at < since:
            library.refresh(anew=True)
    return library


def forget() -> None:
    """Drop what this process knows and this machine's snapshots; the next use makes them anew."""
    _of_this_process.cache_clear()
    shutil.rmtree(_root(), ignore_errors=True)
