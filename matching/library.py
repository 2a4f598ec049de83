"""What a process knows of the documents: a snapshot of the outputs, the open needs, and what changed since.

PostgreSQL is the truth. Each machine makes its snapshot from the document rows (matching/snapshot.py); a process maps
it, reads the needs, and from then on fetches only rows that changed since it last looked. Clocks and commits of
different machines are not in step, so it always looks back a little further (`OVERLAP`) and skips what it already has
by fingerprint. When much has changed, whoever notices first makes the next snapshot, and the others take it up.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts import clock
from matching import snapshot
from matching.document_builder import document_from_json
from matching.documents import Tokens
from matching.faults import pass_point
from matching.index import Gathered, Index, Statistics, names_of, of_outputs
from matching.models import StoredDocument
from matching.scoring import Prepared
from matching.snapshot import Damaged, Snapshot, current_version, print_of, version_of
from matching.terms import Terms, letters_of
from needs.workflow import NeedState

OVERLAP = timedelta(minutes=5)
MOST_PREPARED = 60_000  # documents kept ready for scoring; about 4 KB each
MOST_CHANGES = 2_000  # beside a snapshot; below 40,000 outputs a twentieth of them
_FETCH = 1_000

_OUTPUTS = Q(solution__isnull=False)
_HIDING = Q(public_terms__isnull=False)


class Library:
    """Both directions: outputs for a need, open needs for an output."""

    def __init__(self) -> None:
        self._take_up(None)

    def _take_up(self, taken: Snapshot | None) -> None:
        self._snapshot = taken
        statistics = Statistics() if taken is None else taken.statistics
        self.solutions = Index(statistics, base=None if taken is None else taken.segment)
        self.needs = Index(statistics, of_needs=True)  # those that hide nothing
        # Needs that hide something, twice: by all of their text, and by what everybody may read of it. An index of
        # their own, so that which needs are near by public text is a function of public text alone.
        self.guarded = Index(statistics, of_needs=True)
        self.guarded_publicly = Index(statistics, of_needs=True)
        self._changed_prints: dict[str, int] = {}  # of needs, and of outputs that are not as in the snapshot
        self._prepared: dict[str, Prepared] = {}
        self._prepared_publicly: dict[str, Prepared] = {}
        self._seen = None if taken is None else taken.taken_at

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
        newest = current_version(_root())
        if anew or newest is None:
            self._make(wait=True)
        elif newest != self.version:
            self._open(newest)
        self._catch_up()
        if self.solutions.changes > min(MOST_CHANGES, len(self.solutions) // 20):
            self._make(wait=False)
            self._catch_up()

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

    def _open(self, version: str) -> None:
        """Take up the machine's current snapshot; make one where it cannot be read, or the database has gone back."""
        try:
            taken = Snapshot.read(_root(), version)
        except Damaged:
            self._make(wait=True)
            return
        self._take_up(taken)
        self._read_needs()
        self._catch_up()
        if len(self.solutions) != StoredDocument.objects.filter(_OUTPUTS, is_active=True).count():
            self._make(wait=True)

    def _make(self, *, wait: bool) -> None:
        """Make the snapshot of the rows as they are now, unless somebody else is just doing it and `wait` is off."""
        with snapshot.building(_root(), wait=wait) as is_ours:
            if not is_ours:
                return
            taken = take_snapshot()
            pass_point("building")
            if taken.version != current_version(_root()) or not _is_readable(taken.version):
                taken.write(_root())
            self._take_up(Snapshot.read(_root(), taken.version))
        self._read_needs()

    def _read_needs(self) -> None:
        statistics = self.solutions.statistics
        needs = StoredDocument.objects.filter(need__isnull=False, is_active=True)
        for key, fingerprint in needs.values_list("key", "fingerprint").iterator(chunk_size=_FETCH):
            self._changed_prints[key] = print_of(fingerprint)
        self.needs = Index.build(_terms(~_HIDING & ~_OUTPUTS), statistics=statistics, of_needs=True)
        self.guarded = Index.build(_terms(_HIDING), statistics=statistics, of_needs=True)
        self.guarded_publicly = Index.build(_terms(_HIDING, "public_terms"), statistics=statistics, of_needs=True)

    def _catch_up(self) -> None:
        assert self._seen is not None
        now = clock.now()
        changed = StoredDocument.objects.filter(changed_at__gte=self._seen - OVERLAP)
        states = list(changed.values_list("key", "fingerprint", "is_active"))
        for key, _fingerprint, is_active in states:
            if not is_active:
                self._forget(key)
        fresh = [key for key, fingerprint, is_active in states if is_active and not self._has(key, fingerprint)]
        rows = StoredDocument.objects.filter(key__in=fresh, is_active=True)
        columns = ("key", "solution", "fingerprint", "terms", "public_terms")
        for row in rows.values(*columns).iterator(chunk_size=_FETCH):
            self._forget(row["key"])
            self._take_in(row)
            self._changed_prints[row["key"]] = print_of(row["fingerprint"])
        self._seen = now

    def _has(self, key: str, fingerprint: str) -> bool:
        print_ = print_of(fingerprint)
        known = self._changed_prints.get(key)
        if known is not None or self._snapshot is None or key not in self.solutions:
            return known == print_
        row = self._snapshot.segment.row_of(key)
        return row is not None and int(self._snapshot.prints[row]) == print_

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


def take_snapshot() -> Snapshot:
    """Read all active documents and make the segment and statistics of them. What changes meanwhile is caught up with.

    What needs say counts towards the statistics only as far as everybody may read it: else a supplier could learn of
    hidden words by how generic they have become.
    """
    taken_at = clock.now()
    keys, prints, outputs = [], [], []
    rows = StoredDocument.objects.filter(_OUTPUTS, is_active=True).order_by("key")
    for key, fingerprint, terms in rows.values_list("key", "fingerprint", "terms").iterator(chunk_size=_FETCH):
        keys.append(key)
        prints.append(fingerprint)
        outputs.append(Terms.unpack(terms))
    published = StoredDocument.objects.filter(need__state=NeedState.PUBLISHED, is_active=True).order_by("key")
    need_rows = list(
        published.values_list("key", "fingerprint", Coalesce("public_terms", "terms")).iterator(chunk_size=_FETCH)
    )
    pass_point("building")
    by_bytes = sorted(range(len(keys)), key=lambda place: keys[place].encode())  # PostgreSQL's order may be another
    documents = sorted([*zip(keys, prints, strict=True), *((key, value) for key, value, _terms in need_rows)])
    version = version_of(iter(documents))
    segment, statistics = of_outputs(
        names_of([keys[place] for place in by_bytes]),
        Gathered.of([outputs[place] for place in by_bytes]),
        Gathered.of([Terms.unpack(terms) for _key, _print, terms in need_rows]),
        version=version,
    )
    numbers = np.array([print_of(prints[place]) for place in by_bytes], dtype=np.uint64)
    return Snapshot(version, taken_at, segment, statistics, numbers)


def _root() -> Path:
    return Path(settings.INDEX_ROOT)


def _is_readable(version: str) -> bool:
    try:
        Snapshot.read(_root(), version)
    except Damaged:
        return False
    return True


def _terms(which: Q, column: str = "terms") -> Iterator[tuple[str, Terms]]:
    rows = StoredDocument.objects.filter(which, is_active=True).order_by("pk")
    for key, terms in rows.values_list("key", column).iterator(chunk_size=_FETCH):
        yield key, Terms.unpack(terms)


def _prepared(fingerprint: str, content: Mapping[str, Any], terms: bytes, tokens: Mapping[str, Any] | None) -> Prepared:
    """Of an output (which has no tokens) the body is left behind: nothing that scores reads it."""
    if tokens is None:
        return Prepared(document_from_json({**content, "body": ""}), Terms.unpack(terms), fingerprint)
    letters = letters_of(Tokens.from_json(tokens).fields())
    return Prepared(document_from_json(content), Terms.unpack(terms), fingerprint, letters)


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
