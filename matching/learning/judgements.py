"""Writing down what a decision says of a pair, with what the engine saw in it at that moment. Never rewritten."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from matching.engine.learning.training import features_of
from matching.matches.workflow import BuyerAnswer, ReviewState, SupplierAnswer
from matching.models import Feedback, FeedbackKind, Judgement, JudgementKind, Match


def note_review(match: Match, *, at: datetime) -> None:
    kind = JudgementKind.CONFIRMED if match.review == ReviewState.CONFIRMED else JudgementKind.REJECTED
    _note_answer(match, kind, reason=match.reject_reason, at=at)


def note_answer(match: Match, *, side: str, at: datetime) -> None:
    if side == "buyer":
        interested = match.buyer_answer == BuyerAnswer.INTERESTED
        kind = JudgementKind.INTERESTED if interested else JudgementKind.NOT_SUITABLE
        _note_answer(match, kind, reason=match.buyer_reason, at=at)
    else:
        interested = match.supplier_answer == SupplierAnswer.INTERESTED
        _note_answer(match, JudgementKind.OFFERED if interested else JudgementKind.NOT_NOW, reason="", at=at)


def note_feedback(rows: Sequence[Feedback]) -> None:
    """Bids, awards and contracts: once each, also when the same thing is heard of again later; anew after it was
    taken back."""
    taken_back = Counter(
        (row.source, row.solution_id)
        for row in Judgement.objects.filter(kind=JudgementKind.TAKEN_BACK, need__in={row.need_id for row in rows})
    )
    written = []
    for row in rows:
        # Only these are ever taken back; that a bid took part is said once, however often it is heard of.
        is_answer = row.kind in (FeedbackKind.AWARD, FeedbackKind.DECLINE)
        before = taken_back[row.source_code, row.solution_id] if is_answer else 0
        judgement = Judgement(need=row.need, solution=row.solution, kind=row.kind, reason=row.reason, at=row.at)
        event = ":".join([row.source_code, row.kind, row.solution.code, *([str(before)] if before else [])])
        written.append(_judgement(judgement, match=row.match, event=event))
    _write(written)


def note_taken_back(rows: Sequence[Feedback], *, at: datetime) -> None:
    """What these rows said holds no more: in a history that is only added to, a row of its own says so."""
    written = []
    for row in rows:
        judgement = Judgement(need=row.need, solution=row.solution, kind=JudgementKind.TAKEN_BACK, at=at)
        event = ":".join([row.source_code, JudgementKind.TAKEN_BACK, row.solution.code, at.isoformat()])
        written.append(_judgement(judgement, match=row.match, event=event))
    _write(written)


def counts() -> dict[tuple[str, str], int]:
    """How many decisions of each kind and reason there are, of every engine."""
    rows = Judgement.objects.values_list("kind", "reason").annotate(n=Count("pk")).order_by()
    return Counter({(kind, reason): number for kind, reason, number in rows})


def _note_answer(match: Match, kind: JudgementKind, *, reason: str, at: datetime) -> None:
    judgement = Judgement(need=match.need, solution=match.solution, kind=kind, reason=reason, at=at)
    _write([_judgement(judgement, match=match, event=f"{match.code}:{kind.value}:{at.isoformat()}")])


def _judgement(judgement: Judgement, *, match: Match | None, event: str) -> Judgement:
    judgement.event = event
    values = None if match is None else features_of(match.explanation)
    if match is not None and values is not None:
        judgement.features = values
        judgement.engine = match.explanation["engine"]
    return judgement


def _write(rows: Sequence[Judgement]) -> None:
    Judgement.objects.bulk_create(rows, ignore_conflicts=True)  # a signal sent twice
