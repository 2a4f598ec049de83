"""The part "region": a policy preference the need switches on; distance never costs points. Pure."""

from matching.engine.documents import Document
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values, fit, unknown
from matching.engine.text import gettext_noop as _


def values(pairs: Pairs) -> Values:
    return pairs.each(_value)


def _value(need: Document, solution: Document) -> float:
    if not need.prefers_local or not need.region or not solution.region:
        return 0.0
    if need.region[:4] == solution.region[:4]:
        return 1.0
    return 0.5 if need.region[:2] == solution.region[:2] else 0.0


def explain(pair: Pair, value: float) -> Finding:
    need, solution = pair.need.document, pair.solution.document
    if not need.prefers_local:
        return Finding(Sentence("region", "not_asked"))
    if not need.region or not solution.region:
        return unknown(Sentence("region", "unknown"))
    if not value:
        return Finding(Sentence("region", "elsewhere"))
    return fit(Sentence("region", "city" if value == 1 else "province"))


PART = Part(
    name="region",
    label=_("政策偏好：本地优先"),
    about=_("只在需求方打开“同等条件下优先本地”时计算：同一城市加满，同一省份加一半，外地不扣分。"),
    brief=_("只在企业打开“同等条件下优先本地”时加分，从不扣分。"),
    texts={
        "not_asked": _("未启用本地优先"),
        "unknown": _("地区未知，无法计算本地优先"),
        "elsewhere": _("本地优先：不在同一省份"),
        "city": _("本地优先：同一城市"),
        "province": _("本地优先：同一省份"),
    },
    values=values,
    explain=explain,
    is_policy=True,
    is_asked=lambda need: need.prefers_local,
)
