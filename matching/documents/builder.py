"""From rows to documents: which fields of a need or a solution the engine reads, and their storage.

Indicators a supplier keeps to itself never take part: a poser could otherwise find them out by editing its own
requirement and watching the score. What a need keeps back does take part, and a second document has only what
everybody may read of it: what others are told comes from that one alone (docs/adr/0004).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from lib.fields import read_as
from matching.engine.documents import (
    Document,
    Indicator,
    content_of,
    fingerprint,
    tokens_of,
)
from matching.models import StoredDocument
from matching.search.words import search_vector_of
from needs.disclosure.permissions import FULL
from needs.disclosure.queries import DisclosedIndicator, DisclosedNeed, disclosed, public_view
from needs.models import Need
from needs.need.fields import NEED, scored_and_hideable
from solutions.indicator.models import Necessity
from solutions.kinds import kind_of
from solutions.models import Solution, SolutionIndicator
from solutions.solution.queries import matchable

WRITE_BATCH = 500


def hides_something(need: Need) -> bool:
    """Whether anything that can move a score is not public; expects `indicators` prefetched.

    Asked of the levels alone and not of what is written there: that a field is empty is nobody's business either.
    """
    return not scored_and_hideable().isdisjoint(need.disclosure) or any(
        not row.is_public for row in need.indicators.all()
    )


def document_of_need(need: Need) -> Document:
    """All that matching knows of a need; expects `indicators` prefetched."""
    return _document_of(disclosed(need, FULL))


def public_document_of_need(need: Need) -> Document | None:
    """What everybody may read of a need that hides something; None for any other. Expects `indicators` prefetched."""
    if not hides_something(need):
        return None
    return _document_of(public_view(need))


def _document_of(need: DisclosedNeed) -> Document:
    read = partial(read_as, NEED, value_of=partial(getattr, need))
    (level,), (low, high) = read("trl"), read("budget")
    return Document(
        key=need.code,
        title=need.title,
        keywords=tuple(read("keywords")),
        body="\n".join(filter(None, read("body"))),
        excluded="\n".join(filter(None, read("excluded"))),
        indicators=tuple(_indicator(row) for row in need.shown_indicators),
        trl=None if level is None else (level, 9),
        modes=frozenset(read("modes")),
        budget=(_number(low), _number(high)),
        region=need.region_code or need.organisation.region_code,
        industries=tuple(filter(None, read("industries"))),
        prefers_local=need.prefers_local,
        wants_crossing=need.wants_crossing,
    )


def document_of_solution(solution: Solution) -> Document:
    """What matching knows of an entry; expects organisation and details joined and `indicators` prefetched."""
    kind = kind_of(solution)
    read = partial(read_as, kind.fields, value_of=kind.value_of(solution))
    levels, prices = read("trl"), [_number(price) for price in read("budget")]
    return Document(
        key=solution.code,
        title=solution.title,
        keywords=tuple(read("keywords")),
        body="\n".join(filter(None, read("body"))),
        indicators=tuple(_indicator(row) for row in solution.indicators.all() if row.is_public),
        trl=None if None in levels or not levels else (levels[0], levels[-1]),
        modes=frozenset(read("modes")),
        budget=(prices[0], prices[-1]) if prices else (None, None),
        region=solution.region_code or solution.organisation.region_code,
        industries=tuple(read("industries")),
    )


def matchable_needs() -> QuerySet[Need]:
    """Needs the engine scores, with what `document_of_need` reads."""
    return Need.objects.matched().select_related("organisation").prefetch_related("indicators")


def matchable_solutions() -> QuerySet[Solution]:
    """Published entries of the kinds that are compared, with what `document_of_solution` reads."""
    return matchable().prefetch_related("indicators")


def fingerprint_of_need(need: Need) -> str:
    """What its document's fingerprint is when that is up to date."""
    return fingerprint(document_of_need(need), public_document_of_need(need))


def fingerprint_of_solution(solution: Solution) -> str:
    return fingerprint(document_of_solution(solution))


def store_needs(needs: Iterable[Need], *, even_unchanged: bool = False) -> int:
    """Tokenise and store what changed; return how many documents were written."""
    documents = ((need.pk, document_of_need(need), public_document_of_need(need)) for need in needs)
    return _store(documents, side="need", even_unchanged=even_unchanged)


def store_solutions(solutions: Iterable[Solution], *, even_unchanged: bool = False) -> int:
    """Tokenise and store what changed; return how many documents were written."""
    documents = ((row.pk, document_of_solution(row), None) for row in solutions)
    return _store(documents, side="solution", even_unchanged=even_unchanged)


def document_from_json(content: Mapping[str, Any]) -> Document:
    """The inverse of what `_store_batch` writes."""
    return Document(
        **{
            **content,
            "keywords": tuple(content["keywords"]),
            "indicators": tuple(Indicator(**row) for row in content["indicators"]),
            "trl": tuple(content["trl"]) if content["trl"] else None,
            "modes": frozenset(content["modes"]),
            "budget": tuple(content["budget"]),
            "industries": tuple(content["industries"]),
        }
    )


# the row's pk, all that matching knows of it, and what is public where that is less
Documents = tuple[int, Document, Document | None]


def _store(documents: Iterable[Documents], *, side: str, even_unchanged: bool) -> int:
    batch: list[Documents] = []
    written = 0
    for item in documents:
        batch.append(item)
        if len(batch) == WRITE_BATCH:
            written += _store_batch(batch, side=side, even_unchanged=even_unchanged)
            batch = []
    return written + _store_batch(batch, side=side, even_unchanged=even_unchanged)


def _store_batch(batch: list[Documents], *, side: str, even_unchanged: bool) -> int:
    known = dict(
        StoredDocument.objects.filter(
            key__in=[document.key for _pk, document, _public in batch], is_active=True
        ).values_list("key", "fingerprint")
    )
    rows = _changed(batch, known, side=side, even_unchanged=even_unchanged)
    StoredDocument.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[
            "fingerprint",
            "content",
            "terms",
            "tokens",
            "public_content",
            "public_terms",
            "public_tokens",
            "embedding",
            "embedding_model",
            "search_vector",
            "is_active",
            "changed_at",
        ],
    )
    _take_out_unlisted([row.key for row in rows])
    return len(rows)


def _changed(
    batch: list[Documents], known: Mapping[str, str], *, side: str, even_unchanged: bool
) -> list[StoredDocument]:
    """Rows of the documents that are not what is `known` by fingerprint, tokenised."""
    rows = []
    for pk, document, public in batch:
        now = fingerprint(document, public)
        if known.get(document.key) == now and not even_unchanged:
            continue
        tokens = tokens_of(document)
        public_tokens = None if public is None else tokens_of(public)
        rows.append(
            StoredDocument(
                **{f"{side}_id": pk},
                key=document.key,
                fingerprint=now,
                content=content_of(document),
                terms=tokens.terms().pack(),
                tokens=tokens.to_json() if side == "need" else None,
                public_content=None if public is None else content_of(public),
                public_terms=None if public_tokens is None else public_tokens.terms().pack(),
                public_tokens=None if public_tokens is None else public_tokens.to_json(),
                embedding=None,  # of what it said before
                embedding_model="",
                search_vector=search_vector_of(public_tokens or tokens),  # nobody finds a need by what it hides
                is_active=True,
                # The clock at writing: whoever holds the index looks back minutes, and a whole rematch takes longer.
                changed_at=timezone.now(),
            )
        )
    return rows


def _take_out_unlisted(keys: list[str]) -> None:
    """What was unlisted after it was read for these documents stays out."""
    matched = [queryset.filter(code__in=keys).values("code") for queryset in (matchable_needs(), matchable_solutions())]
    unlisted = StoredDocument.objects.filter(key__in=keys).exclude(key__in=matched[0]).exclude(key__in=matched[1])
    unlisted.update(is_active=False, changed_at=timezone.now())


def _indicator(row: DisclosedIndicator | SolutionIndicator) -> Indicator:
    return Indicator(
        name=row.name,
        comparison=row.comparison,  # type: ignore[arg-type]  # the choices are the literals
        value=float(row.value),
        value_max=_number(row.value_max),
        unit=row.unit,
        condition=row.condition,
        must=row.necessity == Necessity.MUST,
        public=row.is_public,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
