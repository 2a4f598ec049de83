"""Comparing documents and index with the rows they are made of, and mending what differs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from matching.documents import library
from matching.documents.builder import (
    fingerprint_of_need,
    fingerprint_of_solution,
    matchable_needs,
    matchable_solutions,
    store_needs,
    store_solutions,
)
from matching.models import StoredDocument

BATCH = 500


@dataclass(frozen=True, slots=True)
class Documents:
    """Codes of needs and outputs whose documents are not what the rows say."""

    missing: list[str]  # matched, and no document
    outdated: list[str]  # the document is of an older text, or of another engine
    left_over: list[str]  # a document of what is not matched any more


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of fault that `check_index` found; `codes` may be empty where no single document is at fault."""

    what: str
    codes: list[str]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many documents were written anew, and how many were taken out."""

    written: int
    removed: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did; `snapshot` is the version that processes of this machine use from now on."""

    written: int
    removed: int
    snapshot: str


def compare_documents() -> Documents:
    """Compare every document with its need or output."""
    stored = dict(StoredDocument.objects.filter(is_active=True).values_list("key", "fingerprint"))
    missing, outdated = [], []
    for key, fingerprint in _fingerprints():
        if key not in stored:
            missing.append(key)
        elif stored[key] != fingerprint:
            outdated.append(key)
    return Documents(missing, outdated, list(_left_over().order_by("key").values_list("key", flat=True)))


def reconcile(*, at: datetime) -> Reconciled:
    """Bring every document up to its need or solution; take out those of what is not matched any more."""
    documents = compare_documents()
    written = 0
    for codes in _batched(documents.missing + documents.outdated):
        written += store_solutions(matchable_solutions().filter(code__in=codes))
        written += store_needs(matchable_needs().filter(code__in=codes))
    # The clock at writing: comparing may take longer than the minutes that a holder of the index looks back.
    removed = _left_over().update(is_active=False, changed_at=max(at, timezone.now()))
    return Reconciled(written=written, removed=removed)


def rebuild_index(*, everything: bool, at: datetime) -> Rebuilt:
    """Documents as the rows are now, and a snapshot of them; `everything`: tokenise also what has not changed."""
    reconciled = reconcile(at=at)
    written = reconciled.written
    if everything:
        written = store_solutions(matchable_solutions().iterator(chunk_size=BATCH), even_unchanged=True)
        written += store_needs(matchable_needs().iterator(chunk_size=BATCH), even_unchanged=True)
    return Rebuilt(written, reconciled.removed, library.current(anew=True).version)


def check_index() -> list[Difference]:
    """What differs between this machine's snapshot, the documents and the rows they are made of.

    What changed since the snapshot and is known to have changed is no fault: processes hold it beside the snapshot.
    """
    documents = compare_documents()
    found = [
        Difference("documents missing", documents.missing),
        Difference("documents outdated", documents.outdated),
        Difference("documents of what is not matched any more", documents.left_over),
    ]
    kept = library.kept_snapshot()
    if kept is None:
        return [*(one for one in found if one.codes), Difference("this machine's snapshot is missing or damaged", [])]
    changes = library.changes_since(kept)
    found += [
        Difference("not in the snapshot as they are, and nothing says that they changed since", changes.unnoticed),
        Difference("changed since the snapshot, more than one is kept for", changes.beyond),
    ]
    return [one for one in found if one.codes]


def _fingerprints() -> Iterator[tuple[str, str]]:
    for solution in matchable_solutions().order_by("pk").iterator(chunk_size=BATCH):
        yield solution.code, fingerprint_of_solution(solution)
    for need in matchable_needs().order_by("pk").iterator(chunk_size=BATCH):
        yield need.code, fingerprint_of_need(need)


def _left_over() -> QuerySet[StoredDocument]:
    return (
        StoredDocument.objects.filter(is_active=True)
        .exclude(need__in=matchable_needs().values("pk"))
        .exclude(solution__in=matchable_solutions().values("pk"))
    )


def _batched(codes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(codes)
    while batch := list(islice(rest, BATCH)):
        yield batch
