"""The part "cooperation": whether an output is to be had in a way the need can live with. Pure."""

from collections.abc import Mapping

from matching.engine.documents import Document
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values, fit, miss, unknown
from matching.engine.text import gettext_noop as _

COMPATIBLE_MODES: Mapping[str, frozenset[str]] = {
    "lecture": frozenset({"technical_consulting", "technical_service"}),
    "training": frozenset({"technical_consulting", "technical_service"}),
    "diagnosis": frozenset({"technical_consulting", "technical_service"}),
    "transfer": frozenset({"ownership_transfer"}),
    "licence": frozenset({"exclusive_licence", "sole_licence", "ordinary_licence"}),
    "equity": frozenset({"equity"}),
    "joint_development": frozenset({"joint_development"}),
    "commissioned_development": frozenset({"joint_development", "technical_service"}),
    "joint_entity": frozenset({"equity", "joint_development"}),
    "long_term_service": frozenset({"technical_service", "technical_consulting"}),
}
"""Cooperation mode of a need → transfer modes of an output that can serve it."""


def values(pairs: Pairs) -> Values:
    return pairs.each(_value)


def _value(need: Document, solution: Document) -> float:
    if not need.modes or not solution.modes:
        return 0.0
    return 1.0 if any(COMPATIBLE_MODES[mode] & solution.modes for mode in need.modes) else -1.0


def explain(pair: Pair, value: float) -> Finding:
    if not pair.need.document.modes:
        return Finding(Sentence("cooperation", "not_asked"))
    if not pair.solution.document.modes:
        return unknown(Sentence("cooperation", "unknown"))
    return fit(Sentence("cooperation", "compatible")) if value > 0 else miss(Sentence("cooperation", "incompatible"))


PART = Part(
    name="cooperation",
    label=_("合作方式"),
    about=_("需求可接受的合作方式与成果的转化方式是否相容；不相容扣分。对应关系见下表。"),
    brief=_("企业要的合作方式与成果的转化方式是否相容。"),
    texts={
        "not_asked": _("需求不限合作方式"),
        "unknown": _("成果未给出转化方式"),
        "compatible": _("合作方式与转化方式相容"),
        "incompatible": _("合作方式与转化方式不相容"),
    },
    values=values,
    explain=explain,
    can_cost=True,
    is_asked=lambda need: bool(need.modes),
    need_field="cooperation_modes",
)
