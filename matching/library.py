"""The index a process holds in memory: a function of the active document rows, kept fresh on every use.

PostgreSQL is the truth. A process builds its index once from the stored tokens, then fetches only rows that changed
since it last looked. Clocks and commits of different machines are not in step, so it always looks back a little
further (`OVERLAP`) and skips what it already has by fingerprint.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils import timezone

from matching.document_builder import document_from_json
from matching.documents import Tokens
from matching.index import Index
from matching.models import StoredDocument
from matching.scoring import Prepared

OVERLAP = timedelta(minutes=5)
MOST_PREPARED = 20_000  # documents kept ready for scoring; about 15 KB each


class Library:
    """Both directions: outputs for a need, open needs for an output."""

    def __init__(self) -> None:
        self.solutions = Index()
        self.needs = Index()  # those that hide nothing
        # Needs that hide something, twice: by all of their text, and by what everybody may read of it. An index of
        # their own, so that which needs are near by public text is a function of public text alone.
        self.guarded = Index()
        self.guarded_publicly = Index()
        self._fingerprints: dict[str, str] = {}
        self._prepared: dict[str, Prepared] = {}
        self._prepared_publicly: dict[str, Prepared] = {}
        self._seen: datetime | None = None

    def refresh(self) -> None:
        """Bring the index up to the database's committed rows."""
        now = timezone.now()
        if self._seen is None:
            self._build()
        else:
            self._catch_up(since=self._seen - OVERLAP)
        self._seen = now
        if self.needs.statistics is not self.solutions.statistics:
            self._rebuild_needs()

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
            columns = ("key", "content", "tokens", "public_content", "public_tokens")
            for row in rows.values(*columns).iterator(chunk_size=1000):
                self._prepared[row["key"]] = _prepared(row["content"], row["tokens"])
                if row["public_content"] is not None:
                    self._prepared_publicly[row["key"]] = _prepared(row["public_content"], row["public_tokens"])
        return {key: self._prepared[key] for key in wanted if key in self._prepared}

    def prepared_publicly(self, keys: Iterable[str]) -> dict[str, Prepared]:
        """What everybody may read of the needs among `keys` that hide something; all others are left out."""
        known = self.prepared(keys)
        return {key: self._prepared_publicly[key] for key in known if key in self._prepared_publicly}

    def _build(self) -> None:
        active = StoredDocument.objects.filter(is_active=True)
        self._fingerprints = dict(active.values_list("key", "fingerprint"))
        self.solutions = Index.build(_tokens(Q(solution__isnull=False)))
        self._rebuild_needs()

    def _rebuild_needs(self) -> None:
        statistics, hides_something = self.solutions.statistics, Q(public_tokens__isnull=False)
        self.needs = Index.build(_tokens(Q(need__isnull=False) & ~hides_something), statistics=statistics)
        self.guarded = Index.build(_tokens(hides_something), statistics=statistics)
        self.guarded_publicly = Index.build(_tokens(hides_something, column="public_tokens"), statistics=statistics)

    def _catch_up(self, *, since: datetime) -> None:
        changed = StoredDocument.objects.filter(changed_at__gte=since)
        now_known = dict(changed.filter(is_active=True).values_list("key", "fingerprint"))
        for key in changed.filter(is_active=False).values_list("key", flat=True):
            self._forget(key)
        fresh = [key for key, value in now_known.items() if self._fingerprints.get(key) != value]
        rows = StoredDocument.objects.filter(key__in=fresh, is_active=True)
        columns = ("key", "solution", "fingerprint", "tokens", "public_tokens")
        for row in rows.values(*columns).iterator(chunk_size=1000):
            self._forget(row["key"])
            self._take_in(row)
            self._fingerprints[row["key"]] = row["fingerprint"]

    def _take_in(self, row: Mapping[str, Any]) -> None:
        index = self.solutions
        if row["public_tokens"] is not None:
            index = self.guarded
            self.guarded_publicly.upsert(row["key"], Tokens.from_json(row["public_tokens"]))
        elif row["solution"] is None:
            index = self.needs
        index.upsert(row["key"], Tokens.from_json(row["tokens"]))

    def _forget(self, key: str) -> None:
        self._prepared.pop(key, None)
        self._prepared_publicly.pop(key, None)
        if self._fingerprints.pop(key, None) is not None:
            for index in (self.solutions, self.needs, self.guarded, self.guarded_publicly):
                index.remove(key)


def _tokens(which: Q, column: str = "tokens") -> Iterator[tuple[str, Tokens]]:
    rows = StoredDocument.objects.filter(which, is_active=True).order_by("pk")
    for key, tokens in rows.values_list("key", column).iterator(chunk_size=1000):
        yield key, Tokens.from_json(tokens)


def _prepared(content: Mapping[str, Any], tokens: Mapping[str, Any]) -> Prepared:
    return Prepared(document_from_json(content), Tokens.from_json(tokens))


@cache
def _of_this_process() -> Library:
    return Library()


def current() -> Library:
    """This process's library, brought up to date."""
    library = _of_this_process()
    library.refresh()
    return library


def forget() -> None:
    """Drop the index of this process; the next use builds it anew."""
    _of_this_process.cache_clear()
