"""The part "maturity": whether an output is as far developed as the need wants. Pure."""

from matching.engine.documents import Document
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values, fit, miss, unknown
from matching.engine.text import gettext_noop as _


def levels_short(need: Document, solution: Document) -> int:
    """How many maturity levels the solution is below the least the need wants; 0 when either is unknown."""
    if need.trl is None or solution.trl is None:
        return 0
    return max(0, need.trl[0] - solution.trl[1])


def values(pairs: Pairs) -> Values:
    return pairs.each(_value)


def _value(need: Document, solution: Document) -> float:
    """1 where it is reached, down to −1 where it is three levels short; 0 where either is unknown."""
    if need.trl is None or solution.trl is None:
        return 0.0
    short = levels_short(need, solution)
    return -min(1.0, short / 3) if short else 1.0


def explain(pair: Pair, value: float) -> Finding:
    need, solution = pair.need.document, pair.solution.document
    if need.trl is None:
        return Finding(Sentence("maturity", "not_asked"))
    wanted = {"wanted": need.trl[0]}
    if solution.trl is None:
        return unknown(Sentence("maturity", "unknown", wanted))
    params = {**wanted, "offered": solution.trl[1]}
    return fit(Sentence("maturity", "reached", params)) if value > 0 else miss(Sentence("maturity", "short", params))


PART = Part(
    name="maturity",
    label=_("成熟度"),
    about=_("成果的成熟度（TRL）是否达到需求的最低要求；不够则扣分，差得越多扣得越多。"),
    brief=_("成果够不够成熟：达到要求加分，差得越多扣得越多。"),
    texts={
        "not_asked": _("需求不限成熟度"),
        "unknown": _("要求成熟度不低于 %(wanted)s 级，成果未给出"),
        "reached": _("成熟度 %(offered)s 级，达到要求的 %(wanted)s 级"),
        "short": _("成熟度 %(offered)s 级，低于要求的 %(wanted)s 级"),
    },
    values=values,
    explain=explain,
    can_cost=True,
    is_asked=lambda need: need.trl is not None,
    need_field="trl_min",
)
