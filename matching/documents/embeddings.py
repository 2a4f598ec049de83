"""One optional plug, off by default: vectors of documents from an OpenAI-compatible endpoint widen retrieval.

On the judged needs a semantic part did not pay (docs/evaluation.md), so nothing uses it unless EMBEDDINGS_URL is set.
Then a need is also compared with the outputs whose vectors are nearest to its own: more candidates, scored like all
others and labelled by nothing. Of a need only what everybody may read is ever sent out.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from matching.documents.builder import document_from_json
from matching.engine.documents import Document
from matching.engine.index import Near, overlap
from matching.engine.prepared import Prepared
from matching.engine.vectors import Statistics
from matching.engine.weights import Weights
from matching.models import StoredDocument
from needs.need.workflow import NeedState

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

BATCH = 32  # texts of one request
LONGEST = 6_000  # characters of one text: models take some 8,000 tokens
TIMEOUT = 30.0  # seconds
ATTEMPTS = 4
PAUSE = 1.0  # seconds before the second attempt, doubled before each further one
NEAREST = 100  # further candidates of one need
_ROWS = 2_000


class EmbeddingsUnavailable(Exception):
    """The endpoint gave no usable answer; the message says what it gave."""


class _Again(Exception):
    """It may answer when asked again."""


def is_on() -> bool:
    return bool(settings.EMBEDDINGS_URL)


# --- the client ------------------------------------------------------------------------------------------------


def embed(texts: Sequence[str], *, timeout: float = TIMEOUT, pause: float = PAUSE) -> Vectors:
    """One vector of length one for each text, in their order. Raises `EmbeddingsUnavailable`."""
    if not texts:
        return np.zeros((0, 0), np.float32)
    rows: list[list[float]] = []
    for start in range(0, len(texts), BATCH):
        batch = [text[:LONGEST] or " " for text in texts[start : start + BATCH]]  # an empty text is refused
        rows += _vectors_in(_asked(batch, timeout=timeout, pause=pause), len(batch))
    if len({len(row) for row in rows}) > 1:
        raise EmbeddingsUnavailable("vectors of different length")
    vectors = np.array(rows, np.float32).reshape(len(texts), -1)
    if not np.isfinite(vectors).all():
        raise EmbeddingsUnavailable("numbers that are none")
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


def _asked(batch: list[str], *, timeout: float, pause: float) -> Any:
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        try:
            return _post({"model": settings.EMBEDDINGS_MODEL, "input": batch}, timeout)
        except _Again as error:
            said = str(error)
    raise EmbeddingsUnavailable(f"{said}, {ATTEMPTS} times")


def _post(body: Mapping[str, Any], timeout: float) -> Any:
    headers = {"Content-Type": "application/json"}
    if settings.EMBEDDINGS_KEY:
        headers["Authorization"] = f"Bearer {settings.EMBEDDINGS_KEY}"
    url = settings.EMBEDDINGS_URL.rstrip("/") + "/embeddings"
    if not url.startswith(("http://", "https://")):
        raise EmbeddingsUnavailable("EMBEDDINGS_URL is no http address")
    try:
        with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=timeout) as response:  # noqa: S310  # checked above
            return json.load(response)
    except HTTPError as error:
        with error:
            if error.code == 429 or error.code >= 500:
                raise _Again(f"HTTP {error.code}") from error
            raise EmbeddingsUnavailable(f"HTTP {error.code}: {error.read(200).decode(errors='replace')}") from error
    except (URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise _Again(f"no answer ({error})") from error
    except ValueError as error:
        raise EmbeddingsUnavailable("an answer that is not JSON") from error


def _vectors_in(answer: Any, number: int) -> list[list[float]]:
    try:
        vectors = {int(row["index"]): [float(value) for value in row["embedding"]] for row in answer["data"]}
    except (KeyError, TypeError, ValueError) as error:
        raise EmbeddingsUnavailable("an answer of another shape") from error
    if sorted(vectors) != list(range(number)) or not all(vectors.values()):
        raise EmbeddingsUnavailable(f"{len(vectors)} vectors for {number} texts")
    return [vectors[place] for place in range(number)]


# --- vectors of documents --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vector of one stored document, as its text was when the endpoint was asked."""

    document: int  # its primary key
    need: int | None
    fingerprint: str
    vector: Vectors


def fetch_missing() -> list[Embedded]:
    """Vectors of the next documents that have none; empty when none is left, or the endpoint fails: it is asked again
    next time. A changed text has none any more.

    Outputs and published needs, these as everybody reads them.
    """
    if not is_on():
        return []
    is_public = Q(solution__isnull=False) | Q(need__state=NeedState.PUBLISHED)
    missing = StoredDocument.objects.filter(is_public, is_active=True).exclude(
        embedding_model=settings.EMBEDDINGS_MODEL
    )
    columns = ("pk", "need", "fingerprint", "content", "public_content")
    rows = list(missing.order_by("pk").values_list(*columns)[:BATCH])
    try:
        vectors = embed([_text_of(document_from_json(public or content)) for *_ids, content, public in rows])
    except EmbeddingsUnavailable:
        logger.warning("The endpoint of embeddings did not answer.", exc_info=True)
        return []
    return [
        Embedded(pk, need, fingerprint, vector)
        for (pk, need, fingerprint, *_contents), vector in zip(rows, vectors, strict=True)
    ]


def store(batch: Sequence[Embedded]) -> list[int]:
    """Keep these vectors; primary keys of the needs that got one."""
    needs = []
    for one in batch:
        # what was edited while the endpoint worked keeps no vector of what it said before
        stored = StoredDocument.objects.filter(pk=one.document, fingerprint=one.fingerprint)
        values = one.vector.astype("<f4").tobytes()
        if stored.update(embedding=values, embedding_model=settings.EMBEDDINGS_MODEL) and one.need is not None:
            needs.append(one.need)
    return needs


def _text_of(document: Document) -> str:
    return "\n".join([document.title, "、".join(document.keywords), document.body])


def nearest(needs: Iterable[str], limit: int = NEAREST) -> dict[str, list[str]]:
    """Need key → keys of the outputs whose vectors have the highest cosine with its own, exact, best first."""
    have = StoredDocument.objects.filter(embedding_model=settings.EMBEDDINGS_MODEL, is_active=True)
    asked, keys = _matrix(have.filter(key__in=list(needs), need__isnull=False))
    best: dict[str, list[tuple[float, str]]] = {key: [] for key in keys}
    outputs = list(have.filter(solution__isnull=False).order_by("pk").values_list("pk", flat=True)) if keys else []
    for start in range(0, len(outputs), _ROWS):
        vectors, names = _matrix(have.filter(pk__in=outputs[start : start + _ROWS]))
        if vectors.shape[1:] != asked.shape[1:]:  # the model now makes others than it did: nothing to compare
            continue
        for key, cosines in zip(keys, asked @ vectors.T, strict=True):
            nearest_few = np.argsort(-cosines, kind="stable")[:limit]  # of equals the first by primary key
            found = [(-float(cosines[place]), names[place]) for place in nearest_few if cosines[place] > 0]
            best[key] = sorted([*best[key], *found])[:limit]
    return {key: [name for _cosine, name in found] for key, found in best.items()}


def _matrix(rows: QuerySet[StoredDocument]) -> tuple[Vectors, list[str]]:
    """Vectors one under the other, of the most frequent length where there are several, and the keys beside them."""
    columns = rows.values_list("key", "embedding")
    stored = [(key, np.frombuffer(vector, "<f4")) for key, vector in columns if vector is not None]
    usual = Counter(len(vector) for _key, vector in stored).most_common(1)
    stored = [(key, vector) for key, vector in stored if len(vector) == usual[0][0]]
    return np.array([vector for _key, vector in stored], np.float32), [key for key, _vector in stored]


def widen(
    near: dict[str, Near],
    needs: Mapping[str, Prepared],
    wider: Mapping[str, Sequence[str]],
    solutions: Mapping[str, Prepared],
    *,
    statistics: Statistics,
    weights: Weights,
) -> None:
    """Add to what words found (`near`, by need) the outputs of `nearest`, with what words would have said of them."""
    for key, outputs in wider.items():
        if key not in near:
            continue
        query = needs[key].as_need(statistics, weights)
        further = [
            replace(overlap(query, solutions[output].as_solution(statistics, weights)), key=output)
            for output in outputs
            if output in solutions and output not in near[key].keys
        ]
        near[key] = Near.of([*near[key], *further])
