"""The part "budget": whether the price of an output is within what the need would pay. Pure."""

from matching.engine.documents import Document
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values, fit, miss, unknown
from matching.engine.text import gettext_noop as _


def values(pairs: Pairs) -> Values:
    return pairs.each(_value)


def _value(need: Document, solution: Document) -> float:
    """A price up to half above the most the enterprise would pay costs half: it is where people negotiate."""
    most, price = need.budget[1], solution.budget[0]
    if most is None or price is None:
        return 0.0
    if price <= most:
        return 1.0
    return -0.5 if price <= 1.5 * most else -1.0


def explain(pair: Pair, value: float) -> Finding:
    most, price = pair.need.document.budget[1], pair.solution.document.budget[0]
    if most is None:
        return Finding(Sentence("budget", "not_asked"))
    if price is None:
        return unknown(Sentence("budget", "unknown"))
    params = {"price": f"{price:g}", "most": f"{most:g}"}
    return fit(Sentence("budget", "within", params)) if value > 0 else miss(Sentence("budget", "above", params))


PART = Part(
    name="budget",
    label=_("预算与价格"),
    about=_("成果价格是否在需求的预算以内；超出扣分，任何一方为面议则不加不扣。"),
    brief=_("价格在预算以内加分，超出扣分，面议不加不扣。"),
    texts={
        "not_asked": _("需求预算面议"),
        "unknown": _("成果价格面议"),
        "within": _("价格 %(price)s 万元，在预算 %(most)s 万元以内"),
        "above": _("价格 %(price)s 万元，超过预算 %(most)s 万元"),
    },
    values=values,
    explain=explain,
    can_cost=True,
    is_asked=lambda need: need.budget[1] is not None,
    need_field="budget",
    amounts=frozenset({"price", "most"}),
)
