"""What the engine knows and found, what people taught it, near-duplicates: the models of every room."""

from matching.documents.models import (
    StoredDocument,
)
from matching.learning.models import (
    Feedback,
    FeedbackKind,
    Judgement,
    JudgementKind,
    TrainingVerdict,
    Weighting,
)
from matching.matches.models import (
    GRADE_ORDER,
    Grade,
    Match,
    MatchQuerySet,
    new_match_code,
)
from matching.runs.models import (
    MatchRun,
    Stage,
    Trigger,
)
from matching.similar.models import (
    Duplicate,
    DuplicateKind,
)

__all__ = [
    "GRADE_ORDER",
    "Duplicate",
    "DuplicateKind",
    "Feedback",
    "FeedbackKind",
    "Grade",
    "Judgement",
    "JudgementKind",
    "Match",
    "MatchQuerySet",
    "MatchRun",
    "Stage",
    "StoredDocument",
    "TrainingVerdict",
    "Trigger",
    "Weighting",
    "new_match_code",
]
