"""What a search page shows of needs and outputs: who may see which, narrowed, with the words marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from accounts.models import Anyone
from lib.regions import region_name
from matching.engine.text import (
    bigrams,
    mark,
    normalise,
    surface,
    words,
)
from matching.models import StoredDocument
from matching.search import words as search
from needs.disclosure.queries import DisclosedNeed, public_view
from needs.models import Need
from solutions.kinds import matched
from solutions.models import Solution

SIDES = ("need", "solution")
SNIPPET = 120  # characters
LEAD = 30  # of them before the first word found


@dataclass(frozen=True, slots=True)
class Result:
    """One need or output in a list of results."""

    subject: DisclosedNeed | Solution
    url: str
    title: list[tuple[str, bool]]
    snippet: list[tuple[str, bool]]
    keywords: list[str]
    organisation: str
    region: str
    at: datetime | None
    is_public: bool


def results_of(query: str, *, side: str, user: Anyone | None, industry: str = "", province: str = "") -> QuerySet[Any]:
    """Documents that hold every word, best first; without words everything there is, newest first.

    Both kinds of rows are turned into `Result` by `shown`.
    """
    visible = _narrowed(_visible(side, user), side=side, industry=industry, province=province)
    if not query.strip():
        return visible.select_related("organisation").order_by("-published_at", "-pk")
    documents = search.found(query, side=side).filter(**{f"{side}__in": visible.order_by().values("pk")})
    return documents.select_related(f"{side}__organisation")


def shown(rows: Iterable[StoredDocument | Need | Solution], *, query: str) -> list[Result]:
    """What a page of results says: what is public, to everybody, for the words were looked for in public text alone."""
    subjects = [(row.need or row.solution) if isinstance(row, StoredDocument) else row for row in rows]
    needs = [subject for subject in subjects if isinstance(subject, Need)]
    prefetch_related_objects(needs, "indicators")
    views = {need.pk: public_view(need) for need in needs}
    return [_result(views[row.pk] if isinstance(row, Need) else row, query=query) for row in subjects if row]


def _result(subject: DisclosedNeed | Solution, *, query: str) -> Result:
    terms = terms_of(query)
    region = subject.region_code or subject.organisation.region_code
    text = " ".join(_text_of(subject).split())
    return Result(
        subject=subject,
        url=subject.get_absolute_url(),
        title=mark(subject.title, terms),
        snippet=mark(_cut(text, terms), terms),
        keywords=subject.keywords,
        organisation=subject.organisation.name,
        region=region_name(region) if region else "",
        at=subject.published_at,
        is_public=subject.is_published,
    )


def terms_of(query: str) -> list[str]:
    """What to mark in a result: the words of the query, and its pairs of characters where it has no words."""
    text = normalise(query[: search.LONGEST_QUERY])
    found = [*text.split(), *words(text)]
    return list(dict.fromkeys(found if any(words(text)) else [*found, *(surface(pair) for pair in bigrams(text))]))


def _visible(side: str, user: Anyone | None) -> QuerySet[Any]:
    """What takes part in matching and `user` may see: visitors only what is published."""
    if side == "need":
        return Need.objects.visible_to(user).matched()
    return Solution.objects.visible_to(user).published().of_kind(*matched())


def _narrowed(visible: QuerySet[Any], *, side: str, industry: str, province: str) -> QuerySet[Any]:
    if industry and side == "need":
        visible = visible.filter(industry=industry)
    elif industry:
        visible = visible.filter(industries__contains=[industry])
    if province:
        start = province[:2]
        visible = visible.filter(
            Q(region_code__startswith=start) | Q(region_code="", organisation__region_code__startswith=start)
        )
    return visible


def _text_of(subject: DisclosedNeed | Solution) -> str:
    """Of the view of a need, or of an output; never the document of the engine, which knows what nobody may see."""
    if isinstance(subject, DisclosedNeed):
        return "\n".join(filter(None, [subject.background, subject.difficulty, subject.benchmark]))
    return subject.summary


def _cut(text: str, terms: list[str]) -> str:
    """The stretch around the first term; the beginning when there is none."""
    places = [place for term in terms if (place := text.lower().find(term)) >= 0]
    start = max(0, min(places, default=0) - LEAD)
    piece = text[start : start + SNIPPET]
    return f"{'…' if start else ''}{piece}{'…' if start + SNIPPET < len(text) else ''}"
