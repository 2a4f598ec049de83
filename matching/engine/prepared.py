"""A document ready for scoring. Pure."""

from dataclasses import dataclass, field
from typing import Any, Self

from matching.engine.documents import Document, Names, names_of, tokens_of
from matching.engine.terms import ShownTerms, Terms, tokens_by_number
from matching.engine.vectors import Query, Statistics, query_of_need, query_of_solution
from matching.engine.weights import DEFAULT, Weights


@dataclass(slots=True)
class Prepared:
    """A document with its terms, and on demand what is derived from it, each made once.

    Queries are remembered for the statistics and weights they were last asked with. `document` may lack its body where
    only `terms` are read of it (outputs).
    """

    document: Document
    terms: Terms
    fingerprint: str = ""  # of the stored row it comes from
    _tokens: dict[int, str] | None = field(default=None, repr=False, compare=False)
    _shown: ShownTerms | None = field(default=None, repr=False, compare=False)
    _names: Names | None = field(default=None, repr=False, compare=False)
    _query: Query | None = field(default=None, repr=False, compare=False)
    _asked_with: tuple[Statistics, Weights] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, document: Document) -> Self:
        tokens = tokens_of(document)
        return cls(document, tokens.terms(), _tokens=tokens_by_number(tokens.fields()))

    def as_need(self, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
        return self._as(query_of_need, statistics, weights)

    def as_solution(self, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
        return self._as(query_of_solution, statistics, weights)

    def _as(self, make: Any, statistics: Statistics, weights: Weights) -> Query:
        if self._query is None or self._asked_with != (statistics, weights):
            self._query = make(self.terms, statistics, weights)
            self._asked_with = statistics, weights
        return self._query

    def shown_terms(self) -> ShownTerms:
        """Of a need: under which term each of its tokens is shown."""
        if self._shown is None:
            tokens = tokens_by_number(tokens_of(self.document).fields()) if self._tokens is None else self._tokens
            self._shown = ShownTerms(self.terms.ids, tokens)
        return self._shown

    def names(self) -> Names:
        if self._names is None:
            self._names = names_of(self.document)
        return self._names
