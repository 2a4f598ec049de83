"""Comparing the documents with the rows they are made of, and the whole rematch."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.permissions import check_operator
from matching.document_builder import matchable_needs, matchable_solutions, store_needs, store_solutions
from matching.models import MatchRun, StoredDocument, Trigger
from matching.runs import start_run
from matching.workflow import RunState


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many documents were written anew, and how many were taken out."""

    written: int
    removed: int


def reconcile(*, at: datetime) -> Reconciled:
    """Bring every document up to its need or solution; take out those of what is not matched any more."""
    written = store_solutions(matchable_solutions().iterator(chunk_size=500))
    written += store_needs(matchable_needs().iterator(chunk_size=500))
    gone = (
        StoredDocument.objects.filter(is_active=True)
        .exclude(need__in=matchable_needs().values("pk"))
        .exclude(solution__in=matchable_solutions().values("pk"))
    )
    return Reconciled(written=written, removed=gone.update(is_active=False, changed_at=at))


@transaction.atomic
def rematch_everything(*, by: User, at: datetime) -> MatchRun:
    """Start a run over all open needs, or return the one that is waiting already."""
    check_operator(by)
    waiting = MatchRun.objects.filter(trigger=Trigger.REMATCH, state=RunState.QUEUED).first()
    return waiting or start_run(trigger=Trigger.REMATCH, by=by, at=at)
