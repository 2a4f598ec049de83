"""What matching knows of a need or an output, and its tokens. matching/documents/builder.py builds it from models."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from matching.engine.terms import Terms
from matching.engine.text import MODEL, count_tokens, normalise
from matching.engine.weights import ENGINE_VERSION

Comparison = Literal["ge", "le", "eq", "range"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of an indicator table; for a range, value is the lower and value_max the upper end."""

    name: str
    comparison: Comparison
    value: float
    value_max: float | None
    unit: str
    condition: str = ""
    must: bool = True
    public: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A need or an output. None and "" mean unknown or not applicable, never zero."""

    key: str
    title: str
    keywords: tuple[str, ...] = ()
    body: str = ""
    excluded: str = ""  # need: what was tried and is not wanted; it must not add to a score
    indicators: tuple[Indicator, ...] = ()
    trl: tuple[int, int] | None = None  # output: its range; need: (least wanted, 9)
    modes: frozenset[str] = frozenset()  # need: cooperation modes; output: transfer modes
    budget: tuple[float | None, float | None] = (None, None)  # 万元; need: least, most; output: price, price
    region: str = ""  # GB/T 2260, six digits
    industries: tuple[str, ...] = ()  # GB/T 4754 division codes
    prefers_local: bool = False  # need only: the policy preference is switched on
    wants_crossing: bool = True  # need only: a place is kept for another field


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts by field: made once when a text changes, stored, and read by every run."""

    title: Mapping[str, int]
    keywords: Mapping[str, int]
    body: Mapping[str, int]

    def to_json(self) -> dict[str, dict[str, int]]:
        return {"title": dict(self.title), "keywords": dict(self.keywords), "body": dict(self.body)}

    def fields(self) -> tuple[Mapping[str, int], ...]:
        return self.title, self.keywords, self.body

    def terms(self) -> Terms:
        """As numbers, for the index."""
        return Terms.of(self.fields())

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, int]]) -> Self:
        return cls(title=data["title"], keywords=data["keywords"], body=data["body"])


def tokens_of(document: Document) -> Tokens:
    """Tokens of what may add to the score: `excluded` is left out on purpose."""
    return Tokens(
        title=count_tokens(document.title),
        keywords=count_tokens("\n".join(document.keywords)),
        body=count_tokens(document.body),
    )


@dataclass(frozen=True, slots=True)
class Names:
    """The title, and the keywords with the model numbers of the title: normalised, each once."""

    title: str
    phrases: tuple[str, ...]


def names_of(document: Document) -> Names:
    title = normalise(document.title)
    phrases = [*map(normalise, document.keywords), *MODEL.findall(title)]
    return Names(title, tuple(dict.fromkeys(filter(None, phrases))))


def content_of(document: Document) -> dict[str, Any]:
    """The document as JSON; `document_from_json` of matching/documents/builder.py is the inverse."""
    return {**asdict(document), "modes": sorted(document.modes)}


def fingerprint(document: Document, public: Document | None = None) -> str:
    """SHA-256 over everything that can change a score, the engine's version included.

    `public` is what everybody may read of the document, where that is less than all of it.
    """
    content: dict[str, Any] = {**content_of(document), "engine": ENGINE_VERSION}
    if public is not None:
        content["public"] = content_of(public)
    return _sha256(content)


def basis_of(public: Document) -> str:
    """SHA-256 over all that a need's owner may open or close, as it is open now.

    A result on the public text says by this which text it was worked out of. Title, region, industry and switches are
    always open; they and the engine's version may change without making an older result a secret.
    """
    always_open = {"key", "title", "region", "industries", "prefers_local", "wants_crossing"}
    return _sha256({name: value for name, value in content_of(public).items() if name not in always_open})


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
