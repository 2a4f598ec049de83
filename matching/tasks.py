"""Where Celery finds the tasks of every room."""

from matching.documents.tasks import build_index, embed_documents, reconcile_documents
from matching.learning.tasks import train_weighting
from matching.runs.tasks import sweep_runs, work_off_runs
from matching.similar.tasks import find_duplicates

__all__ = [
    "build_index",
    "embed_documents",
    "find_duplicates",
    "reconcile_documents",
    "sweep_runs",
    "train_weighting",
    "work_off_runs",
]
