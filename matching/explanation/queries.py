"""A match's stored score parts → what one viewer may read of them.

The poser's side and operators read the whole calculation. The supplier's side reads the same as long as the need
hides nothing that is scored; else it reads the result on the public text, worked out beside the full one, without
points, sum or rank (docs/adr/0004).

What is public is asked of the rows as they are now, not as they were when the pair was scored: what was made
non-public a second ago must not show, nor anything that came of it, until the next run comes by.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from lib.industries import industry_name
from lib.money import amount_said
from matching.documents.builder import hides_something, public_document_of_need
from matching.engine import documents
from matching.engine.documents import basis_of
from matching.engine.parts.base import Sentence
from matching.engine.parts.indicators import quantity
from matching.engine.parts.table import PARTS
from matching.explanation.texts import as_written, converted, need_texts, solution_texts
from matching.explanation.values import Explanation, IndicatorShown, PartShown, PhrasePair, Summary, TermShare
from matching.matches.permissions import is_supplier
from matching.models import Match
from needs.disclosure.permissions import FULL, clearance, is_insider
from needs.disclosure.queries import disclosed
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.indicator.models import Indicator
from solutions.models import Solution

MARKED_SHARE = 100  # a term is highlighted when it gave at least 1/100 of the text's points

_VERDICTS = ("met", "unmet", "unknown")

PUBLIC = frozenset({NeedState.PUBLISHED, NeedState.CLOSED})


def explain(match: Match, *, viewer: Viewer) -> Explanation:
    """All that `viewer` may read of `match`. Expects a match the viewer may see (`Match.objects.visible_to`)."""
    seen = _Seen(match, full=is_insider(viewer, match.need))
    view = disclosed(match.need, FULL if seen.full else clearance(viewer, match.need))
    terms = seen.marked_terms()
    need_is_open = seen.full or match.need.state in PUBLIC or _is_as_exchanged(match, match.need)
    own = viewer.is_operator or is_supplier(viewer, match)
    solution_is_open = own or match.solution.is_published or _is_as_exchanged(match, match.solution)
    return Explanation(
        summary=seen.summary(),
        score=None if seen.withholds_points else match.score,
        parts=tuple(seen.part(name, part) for name, part in seen.parts.items()),
        indicators=tuple(seen.indicator(row) for row in seen.rows),
        need_texts=need_texts(view, terms) if need_is_open else (),
        solution_texts=solution_texts(match.solution, terms) if solution_is_open else (),
        engine=seen.engine,
        need=view,
    )


def _is_as_exchanged(match: Match, subject: Need | Solution) -> bool:
    """Withdrawn, it is still what the other side came to know in contact: not the draft of what comes next."""
    return match.contacted_at is not None and subject.changed_at <= match.contacted_at


def summarise(match: Match, *, viewer: Viewer) -> Summary:
    """The few lines for a list. Expects `need.indicators` and `solution.indicators` prefetched."""
    return _Seen(match, full=is_insider(viewer, match.need)).summary()


def _public_content(match: Match) -> Mapping[str, Any] | None:
    """What those below full disclosure may be told of: the result on the public text as it stands now.

    None when there is none: not found by it, or worked out of a text that was more open, or not open at all, then.
    Expects `need.indicators` prefetched.
    """
    public = public_document_of_need(match.need)
    content: Mapping[str, Any] | None = match.public_explanation
    if content is not None:
        return content if public is not None and content["basis"] == basis_of(public) else None
    return match.explanation if public is None and match.public_grade else None


class _Seen:
    """One match as one side sees it."""

    def __init__(self, match: Match, *, full: bool) -> None:
        self.match = match
        self.full = full
        self.content = match.explanation if full else _public_content(match)
        wanted = list(match.need.indicators.all())
        self._wanted = {_key(row): row.is_public for row in wanted}
        self._offered = {_key(row) for row in match.solution.indicators.all() if row.is_public}
        stored = [row for _name, part in self._detailed("indicators") for row in part["details"]]
        self.rows = [row for row in stored if full or self._wanted.get(_stored_key(row["need"]), False)]
        self.some_hidden = not full and hides_something(match.need)
        self.is_outdated = (
            (self.content is None and bool(match.public_grade))
            or len(self.rows) < len(stored)
            or any(row["solution"] and _stored_key(row["solution"]) not in self._offered for row in stored)
        )
        self.withholds_points = self.content is None or self.some_hidden or self.is_outdated

    @property
    def parts(self) -> dict[str, Mapping[str, Any]]:
        """What is stored of each part, in the order of the table; parts that are no more, of an older engine, last."""
        stored = self.content["parts"] if self.content is not None else {}
        return {name: stored[name] for name in (*PARTS, *(stored.keys() - PARTS.keys())) if name in stored}

    def _detailed(self, shape: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The parts whose details are of this shape (`matching.engine.parts.base.Part.details`)."""
        return ((name, part) for name, part in self.parts.items() if name in PARTS and PARTS[name].details == shape)

    @property
    def engine(self) -> str:
        return self.content["engine"] if self.content is not None else ""

    def summary(self) -> Summary:
        return Summary(
            grade=self.grade(),
            fits=self._sentences("fits", "met"),
            misses=self._sentences("misses", "unmet"),
            unknowns=self._sentences("unknowns", "unknown"),
            some_hidden=self.some_hidden,
            is_outdated=self.is_outdated,
            crossing=self._crossing(),
        )

    def _crossing(self) -> str:
        """Industries are always open; which place a pair holds is told by the list of this side."""
        is_of_public_text = self.content is not None and self.content is self.match.public_explanation
        holds = self.match.is_publicly_crossing if is_of_public_text else self.match.is_crossing
        if self.content is None or not holds:
            return ""
        need, solution = self.match.need, self.match.solution
        are_open = solution.is_published and (self.full or need.state in PUBLIC)
        if not (are_open and need.industry and solution.industries):
            return _("功能相符、领域不同：要解决的问题相近，名称与关键词却很少相同。")
        names = {"need": need.industry_name, "solution": _("、").join(map(industry_name, solution.industries))}
        return _("功能相符、领域不同：要解决的问题相近；需求属于%(need)s，成果用于%(solution)s。") % names

    def grade(self) -> str:
        """The grade by what this side may read; "none" where that gives none."""
        if self.full:
            return self.match.grade
        return self.match.public_grade if self.content is not None else "none"

    def _sentences(self, kind: str, verdict: str) -> tuple[str, ...]:
        """Those about anything but indicators as they were written; those about indicators for visible rows only."""
        visible = {
            (row["need"]["name"], quantity(documents.Indicator(**row["need"])))
            for row in self.rows
            if row["verdict"] == verdict and not self._is_stale(row)
        }
        shown = []
        for sentence in self.content[kind] if self.content is not None else ():
            params = sentence["params"]
            if _details_of(sentence["part"]) != "indicators" or (params["name"], params["wanted"]) in visible:
                shown.append(translated(sentence))
        return tuple(filter(None, shown))

    def _is_stale(self, row: Mapping[str, Any]) -> bool:
        return row["solution"] is not None and _stored_key(row["solution"]) not in self._offered

    def part(self, name: str, part: Mapping[str, Any]) -> PartShown:
        shape = _details_of(name)
        return PartShown(
            name=name,
            label=_(PARTS[name].label) if name in PARTS else name,
            sentence=self._sentence(name, part),
            points=None if self.withholds_points else Decimal(part["points"]),
            most=Decimal(str(part["most"])) if "most" in part else None,
            is_policy=name in PARTS and PARTS[name].is_policy,
            terms=self._terms(part["details"]) if shape == "terms" else (),
            phrases=tuple(PhrasePair(**pair) for pair in part["details"]) if shape == "phrases" else (),
        )

    def _sentence(self, name: str, part: Mapping[str, Any]) -> str:
        if _details_of(name) == "indicators":
            return self._indicator_count()
        if not self.full and name in PARTS and PARTS[name].need_field in self.match.need.disclosure:
            return _("需求的这项内容未公开")  # not: "面议" or "不限", which the public text seems to say
        return translated(part["sentence"])

    def _indicator_count(self) -> str:
        if not self.rows:
            return (
                _("需求没有公开的指标")
                if self.some_hidden
                else translated(Sentence("indicators", "not_asked").to_json())
            )
        verdicts = ["unknown" if self._is_stale(row) else row["verdict"] for row in self.rows]
        counts = {verdict: verdicts.count(verdict) for verdict in _VERDICTS}
        return translated(Sentence("indicators", "counts", counts).to_json())

    def _terms(self, rows: Sequence[Mapping[str, Any]]) -> tuple[TermShare, ...]:
        """The heaviest terms, then what the others give and all give together: the rows add up to the part."""
        shares = [TermShare(row["term"], Decimal(row["points"]), row.get("others", 0)) for row in rows]
        if self.withholds_points:
            shares = [TermShare(share.term, None, share.others) for share in shares]
        return tuple(shares)

    def indicator(self, row: Mapping[str, Any]) -> IndicatorShown:
        need, solution, verdict = row["need"], row["solution"], row["verdict"]
        if self._is_stale(row):
            solution, verdict = None, "unknown"
        return IndicatorShown(
            name=need["name"],
            wanted=as_written(need),
            condition=need["condition"],
            must=need["must"],
            is_public=need["public"] and self._wanted.get(_stored_key(need), True),
            offered=as_written(solution) if solution else "",
            offered_name=solution["name"] if solution and solution["name"] != need["name"] else "",
            offered_condition=solution["condition"] if solution else "",
            converted=converted(row, solution) if solution else "",
            verdict=verdict,
            points=None if self.withholds_points else Decimal(row["points"]),
        )

    def marked_terms(self) -> list[str]:
        """Terms that matter: with every shared 提高 and 生产 marked, nothing would stand out."""
        terms: dict[str, None] = {}
        for _name, part in self._detailed("terms"):
            least = Decimal(part["points"]) / MARKED_SHARE
            terms |= {row["term"]: None for row in part["details"] if row["term"] and Decimal(row["points"]) >= least}
        return list(terms)


def _details_of(name: str) -> str:
    return PARTS[name].details if name in PARTS else ""


def translated(sentence: Mapping[str, Any]) -> str:
    """A stored sentence in the reader's language and today's words; empty where an older engine's part had it."""
    part = PARTS.get(sentence["part"])
    if part is None or sentence["key"] not in part.texts:
        return ""
    text = part.texts[sentence["key"]]  # a name, or the collection of texts would take it for one
    params = {key: amount_said(value) if key in part.amounts else value for key, value in sentence["params"].items()}
    words: str = _(text) % params
    return words


def _key(row: Indicator) -> tuple[Any, ...]:
    value_max = None if row.value_max is None else float(row.value_max)
    return (row.name, row.comparison, float(row.value), value_max, row.unit, row.condition)


def _stored_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["name"], row["comparison"], row["value"], row["value_max"], row["unit"], row["condition"])
