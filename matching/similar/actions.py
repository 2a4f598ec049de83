"""Near-duplicates as rows, their dismissal, and the public needs that ask for the same as one being written (共性需求).

Needs are compared by what everybody may read of them, whoever looks: how alike two are must not tell what one hides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db import transaction
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts import audit
from accounts.models import Membership, Organisation, User
from accounts.permissions import check_operator
from matching.engine.documents import Document, tokens_of
from matching.engine.duplicates import jaccard, near_duplicates
from matching.engine.terms import Terms
from matching.models import Duplicate, DuplicateKind, StoredDocument
from matching.search.words import any_of
from needs.models import Need
from needs.need.workflow import NeedState

COMMON = 0.3
"""From which share of terms in common on two needs ask for much the same; enterprises seldom use the same words."""

MOST_SHOWN = 5
LOOKED_AT = 100  # public needs with words of the title or keywords in common, the nearest first
_WRITE = 1_000

_PUBLIC_TERMS = Coalesce("public_terms", "terms")
_OF_KIND = {DuplicateKind.NEED: Q(need__isnull=False), DuplicateKind.OUTPUT: Q(solution__isnull=False)}


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look for near-duplicates came to."""

    documents: int  # that changed since the last one
    pairs: int  # near-duplicates among them and between them and the others
    compared: int  # pairs that had to be compared for that


def find_duplicates(*, at: datetime) -> list[Looked]:
    """Bring the rows up to the documents, needs and outputs: only pairs with a changed document are looked for."""
    # What is not active is not compared; should it come back, everything that changed meanwhile is news to it.
    StoredDocument.objects.filter(is_active=False).exclude(compared="").update(compared="")
    return [_find(kind, at=at) for kind in DuplicateKind]


def _find(kind: DuplicateKind, *, at: datetime) -> Looked:
    documents = StoredDocument.objects.filter(_OF_KIND[kind], is_active=True).order_by("pk")
    rows = list(documents.values_list("pk", "fingerprint", "compared"))
    changed = {pk: fingerprint for pk, fingerprint, compared in rows if fingerprint != compared}
    if not changed:
        return Looked(0, 0, 0)
    # Read after the fingerprints: what changes in between is compared as it is now, and once more next time.
    read = documents.values_list("pk", _PUBLIC_TERMS).iterator(chunk_size=_WRITE)
    terms = {pk: Terms.unpack(packed).ids for pk, packed in read}
    pks = list(terms)
    found = near_duplicates(list(terms.values()), changed=[pk in changed for pk in pks])
    pairs = [
        Duplicate(kind=kind, first_id=pks[first], second_id=pks[second], similarity=similarity, found_at=at)
        for first, second, similarity in zip(
            found.first.tolist(), found.second.tolist(), found.similarity.tolist(), strict=True
        )
    ]
    _write(pairs, changed=changed)
    return Looked(len(changed), len(pairs), found.compared)


@transaction.atomic
def _write(pairs: Sequence[Duplicate], *, changed: Mapping[int, str]) -> None:
    """Pairs of changed documents are these and no others. What was dismissed stays so, as long as it is alike."""
    Duplicate.objects.bulk_create(
        pairs,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["similarity"],
        batch_size=_WRITE,
    )
    alike = {(pair.first_id, pair.second_id) for pair in pairs}
    known = Duplicate.objects.values_list("pk", "first", "second")
    gone = [
        pk for pk, first, second in known if (first in changed or second in changed) and (first, second) not in alike
    ]
    Duplicate.objects.filter(pk__in=gone).delete()
    compared = [StoredDocument(pk=pk, compared=fingerprint) for pk, fingerprint in changed.items()]
    StoredDocument.objects.bulk_update(compared, ["compared"], batch_size=_WRITE)


def waiting(kind: DuplicateKind) -> QuerySet[Duplicate]:
    """Pairs an operator may still look at, the most alike first."""
    return Duplicate.objects.open().filter(kind=kind).with_subjects().most_alike_first()


@transaction.atomic
def dismiss(*, duplicate: Duplicate, by: User, at: datetime) -> Duplicate:
    """An operator says that the two are not the same thing."""
    check_operator(by)
    duplicate = Duplicate.objects.select_for_update(of=("self",)).select_related("first", "second").get(pk=duplicate.pk)
    duplicate.dismissed_at, duplicate.dismissed_by = at, by
    audit.step(duplicate, "dismiss", by=by, at=at, changed=["dismissed_at", "dismissed_by"])
    return duplicate


# --- common needs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SimilarNeed:
    """A public need that asks for much the same."""

    need: Need
    percent: int


def similar_public_needs(document: Document, *, asker: User, poser: Organisation | None = None) -> list[SimilarNeed]:
    """Published needs of others whose public text shares at least `COMMON` of its terms, the most alike first.

    Others are neither the `asker`'s organisations nor the `poser` of the need asked about: what one firm asks for
    twice is not common. Two queries. Nothing that a need hides takes part, and the document itself (by its key) is
    left out.
    """
    tokens = tokens_of(document)
    own = Q(need__organisation__in=Membership.objects.active().filter(user=asker).values("organisation"))
    if poser is not None:
        own |= Q(need__organisation=poser)
    sharing = _sharing_words([*tokens.title, *tokens.keywords])
    near = sharing.exclude(own).exclude(key=document.key)[:LOOKED_AT]
    ids = tokens.terms().ids
    alike = [(jaccard(ids, Terms.unpack(packed).ids), need) for need, packed in near.values_list("need", _PUBLIC_TERMS)]
    best = sorted(((share, need) for share, need in alike if share >= COMMON), reverse=True)
    needs = Need.objects.published().select_related("organisation").in_bulk([need for _share, need in best])
    return [SimilarNeed(needs[pk], int(100 * share + 1e-9)) for share, pk in best if pk in needs]


def organisations_among(found: Iterable[SimilarNeed]) -> int:
    """How many organisations pose these needs: that a need is common is said of firms, not of needs."""
    return len({row.need.organisation_id for row in found})


def _sharing_words(words: Iterable[str]) -> QuerySet[StoredDocument]:
    """Documents of published needs with any of these tokens in what is public, by how much of it."""
    documents = StoredDocument.objects.filter(is_active=True, need__state=NeedState.PUBLISHED)
    wanted = any_of(words)
    if not wanted:
        return documents.none()
    query: Any = Func(Value(wanted), template="%(expressions)s::tsquery", output_field=SearchQueryField())
    shares = Func(F("search_vector"), query, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField())
    rank = SearchRank(F("search_vector"), query)
    return documents.filter(shares).order_by(rank.desc(), "pk")
