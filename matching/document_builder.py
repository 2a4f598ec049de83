"""From rows to documents: which fields of a need or a solution the engine reads, and their storage.

Indicators a supplier keeps to itself never take part: a poser could otherwise find them out by editing its own
requirement and watching the score (docs/adr/0004). A need's non-public indicators do take part; explain.py hides them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from matching.documents import Document, Indicator, fingerprint, tokens_of
from matching.models import StoredDocument
from matching.search import search_vector_of
from needs.models import Need
from solutions.models import Indicator as IndicatorRow
from solutions.models import Necessity, Solution
from solutions.models.solution import SolutionKind

WRITE_BATCH = 500


def document_of_need(need: Need) -> Document:
    """What matching knows of a need; expects `indicators` prefetched."""
    return Document(
        key=need.code,
        title=need.title,
        keywords=tuple(need.keywords),
        body="\n".join(filter(None, [need.background, need.difficulty, need.technical_field, need.benchmark])),
        excluded=need.tried,
        indicators=tuple(_indicator(row) for row in need.indicators.all()),
        trl=None if need.trl_min is None else (need.trl_min, 9),
        modes=frozenset(need.cooperation_modes),
        budget=(_number(need.budget_min), _number(need.budget_max)),
        region=need.region_code or need.organisation.region_code,
        industries=(need.industry,) if need.industry else (),
        prefers_local=need.prefers_local,
    )


def document_of_solution(solution: Solution) -> Document:
    """What matching knows of an output; expects `output`, `organisation` joined and `indicators` prefetched."""
    output = solution.output
    return Document(
        key=solution.code,
        title=solution.title,
        keywords=tuple(solution.keywords),
        body="\n".join(filter(None, [solution.summary, *output.innovations, solution.technical_field])),
        indicators=tuple(_indicator(row) for row in solution.indicators.all() if row.is_public),
        trl=None if output.trl_min is None or output.trl_max is None else (output.trl_min, output.trl_max),
        modes=frozenset(output.transfer_modes),
        budget=(_number(output.price), _number(output.price)),
        region=solution.region_code or solution.organisation.region_code,
        industries=tuple(solution.industries),
    )


def matchable_needs() -> QuerySet[Need]:
    """Needs the engine scores, with what `document_of_need` reads."""
    return Need.objects.matched().select_related("organisation").prefetch_related("indicators")


def matchable_solutions() -> QuerySet[Solution]:
    """Published outputs, with what `document_of_solution` reads. Profiles are read by people, not scored."""
    return (
        Solution.objects.published()
        .filter(kind=SolutionKind.OUTPUT)
        .select_related("organisation", "output")
        .prefetch_related("indicators")
    )


def store_needs(needs: Iterable[Need]) -> int:
    """Tokenise and store what changed; return how many documents were written."""
    return _store(((need.pk, document_of_need(need)) for need in needs), side="need")


def store_solutions(solutions: Iterable[Solution]) -> int:
    """Tokenise and store what changed; return how many documents were written."""
    return _store(((row.pk, document_of_solution(row)) for row in solutions), side="solution")


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


def _store(documents: Iterable[tuple[int, Document]], *, side: str) -> int:
    batch: list[tuple[int, Document]] = []
    written = 0
    for item in documents:
        batch.append(item)
        if len(batch) == WRITE_BATCH:
            written += _store_batch(batch, side=side)
            batch = []
    return written + _store_batch(batch, side=side)


def _store_batch(batch: list[tuple[int, Document]], *, side: str) -> int:
    known = dict(
        StoredDocument.objects.filter(key__in=[document.key for _pk, document in batch], is_active=True).values_list(
            "key", "fingerprint"
        )
    )
    rows = []
    for pk, document in batch:
        print_ = fingerprint(document)
        if known.get(document.key) == print_:
            continue
        tokens = tokens_of(document)
        rows.append(
            StoredDocument(
                **{f"{side}_id": pk},
                key=document.key,
                fingerprint=print_,
                content={**asdict(document), "modes": sorted(document.modes)},
                tokens=tokens.to_json(),
                search_vector=search_vector_of(tokens),
                is_active=True,
                # The clock at writing: whoever holds the index looks back minutes, and a whole rematch takes longer.
                changed_at=timezone.now(),
            )
        )
    StoredDocument.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["fingerprint", "content", "tokens", "search_vector", "is_active", "changed_at"],
    )
    return len(rows)


def _indicator(row: IndicatorRow) -> Indicator:
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
