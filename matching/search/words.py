"""Search over needs and outputs on the tokens matching made: PostgreSQL's full text with jieba's words.

The tsvector is written as a literal with positions and weights, so no text-search parser (which knows no Chinese)
ever sees the text. A query word is found as a word, or as all of its character bigrams.
"""

from collections.abc import Iterable

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db.models import BooleanField, F, Func, QuerySet, Value

from matching.engine.documents import Tokens
from matching.engine.text import bigrams, normalise, words
from matching.models import StoredDocument

LONGEST_QUERY = 100  # characters; what people type, not documents
LONGEST_LEXEME = 60  # PostgreSQL refuses lexemes above 2 KB


def search_vector_of(tokens: Tokens) -> str:
    """The tsvector literal of a document: each token once, weighted by the best field it stands in."""
    weight: dict[str, str] = {}
    for field, letter in ((tokens.title, "A"), (tokens.keywords, "B"), (tokens.body, "C")):
        for token in field:
            weight.setdefault(token, letter)
    return " ".join(f"{_quoted(token)}:1{letter}" for token, letter in weight.items() if len(token) <= LONGEST_LEXEME)


def found(query: str, *, side: str) -> QuerySet[StoredDocument]:
    """Active documents of one side ("need" or "solution") that hold every word of `query`, best first.

    An empty query, or one without a word or bigram in it, finds nothing.
    """
    wanted = _tsquery(query)
    documents = StoredDocument.objects.filter(is_active=True, **{f"{side}__isnull": False})
    if not wanted:
        return documents.none()
    tsquery = Func(Value(wanted), template="%(expressions)s::tsquery", output_field=SearchQueryField())
    # Django's own lookup would hand the query to PostgreSQL's parser.
    matches = Func(
        F("search_vector"), tsquery, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField()
    )
    return (
        documents.filter(matches)
        .annotate(rank=SearchRank(F("search_vector"), tsquery))
        .order_by("-rank", "-changed_at", "pk")
    )


def any_of(tokens: Iterable[str], most: int = 100) -> str:
    """The tsquery literal of documents that hold at least one of the first `most` tokens."""
    short = [token for token in dict.fromkeys(tokens) if len(token) <= LONGEST_LEXEME]
    return " | ".join(map(_quoted, short[:most]))


def _tsquery(query: str) -> str:
    text = normalise(query[:LONGEST_QUERY])
    pieces = []
    for chunk in text.split():
        exact = _all_of(words(chunk))
        by_characters = _all_of(bigrams(chunk))
        either = " | ".join(filter(None, [exact, by_characters]))
        if not either and len(chunk) == 1:
            either = f"{_quoted(chunk)}:*"  # one character: words that begin with it
        if either:
            pieces.append(f"({either})")
    return " & ".join(pieces)


def _all_of(tokens: Iterable[str]) -> str:
    quoted = list(dict.fromkeys(_quoted(token) for token in tokens))
    return f"({' & '.join(quoted)})" if quoted else ""


def _quoted(token: str) -> str:
    """A lexeme as it stands in a tsvector or tsquery literal."""
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
