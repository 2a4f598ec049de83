"""What decisions teach: of each kind and reason how good the pair was, and which parts of the score it may move. Pure.

The words of the reason codes stand in matching/matches/workflow.py (`ReasonCode`), those of declined bids in
`challenges.models.BidReason`. docs/learning.md says the same in prose.
"""

from dataclasses import dataclass

from matching.engine.parts.table import PARTS, text_parts


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one kind of decision says of a pair."""

    grade: int | None  # 3 proven, 2 fits, 1 fits but for one thing, 0 does not; None: says nothing of how well it fits
    trust: float  # how much it counts, and whose word stands when several spoke: money over answers over reviews
    teaches: frozenset[str]  # the parts of the score it may move


REVIEW, ANSWER, BID, PROOF = 0.6, 0.8, 0.9, 1.0

GOOD: dict[str, tuple[int, float]] = {
    "confirmed": (2, REVIEW),  # an operator read both texts and invites both sides
    "offered": (2, REVIEW),  # the supplier wants the contact: it can tell whether it could do this
    "interested": (2, ANSWER),  # the poser wants the contact
    "bid": (2, BID),  # somebody put work into offering this output
    "award": (3, BID),
    "signed": (3, PROOF),
    "accepted": (3, PROOF),
    "solved": (3, PROOF),
}
"""Decisions without a reason: grade and trust. They may move every part."""

EVERY_PART, TEXT_PARTS = "every part", "text parts"

REASONS: dict[str, tuple[int, str] | None] = {
    "off_topic": (0, TEXT_PARTS),  # the words misled
    "indicators_not_met": (0, "indicators"),
    "too_early": (1, "maturity"),
    "price": (1, "budget"),  # who talks about the price finds the subject right
    "region": (1, "region"),
    "already_in_contact": (2, EVERY_PART),  # the two found each other without us: the pair fitted
    "benefit_unclear": None,  # these four say how it was written or owned, not whether it fits
    "description_unclear": None,
    "rights_unclear": None,
    "other": None,
}
"""Why a match was rejected by the operator or found not suitable by the poser: grade, and the parts it may move.

The source of the codes are the reasons industry repeats (`ReasonCode`); that they blame one part each
is our reading of their words, and the only place where it is written down."""

DECLINES: dict[str, tuple[int, str] | None] = {
    "better_bid": (2, EVERY_PART),  # it fitted, another fitted better: the award stands above it
    "indicators_not_met": (0, "indicators"),
    "too_early": (1, "maturity"),
    "price": (1, "budget"),
    # The others speak of the plan, the team, the contract or the challenge, none of the output.
}
"""Why a bid that builds on the output was declined (needs.models.BidReason); codes not named say nothing."""

SILENT = Lesson(None, 0.0, frozenset())


def lesson(kind: str, reason: str = "") -> Lesson:
    """What a decision of this kind, with this reason, says; `SILENT` for what says nothing of the fit."""
    if kind in GOOD:
        return Lesson(*GOOD[kind], frozenset(PARTS))
    trust, reasons = {
        "rejected": (REVIEW, REASONS),
        "not_suitable": (ANSWER, REASONS),
        "decline": (BID, DECLINES),
    }.get(kind, (0.0, {}))
    said = reasons.get(reason)
    if said is None:
        return SILENT
    grade, teaches = said
    groups = {EVERY_PART: PARTS, TEXT_PARTS: [part.name for part in text_parts()]}
    return Lesson(grade, trust, frozenset(groups.get(teaches, [teaches])))
