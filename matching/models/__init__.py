"""What the engine knows and found, what people taught it, near-duplicates, and the care of a match or contract."""

from matching.models.care import Complaint, ComplaintEntry, FollowUp, FollowUpKind
from matching.models.engine import (
    GRADE_ORDER,
    Grade,
    Match,
    MatchQuerySet,
    MatchRun,
    MatchRunQuerySet,
    Stage,
    StoredDocument,
    Trigger,
    new_match_code,
    new_run_code,
)
from matching.models.feedback import Feedback, FeedbackKind
from matching.models.learning import Judgement, JudgementKind, TrainingVerdict, Weighting
from matching.models.similar import Duplicate, DuplicateKind

__all__ = [
    "GRADE_ORDER",
    "Complaint",
    "ComplaintEntry",
    "Duplicate",
    "DuplicateKind",
    "Feedback",
    "FeedbackKind",
    "FollowUp",
    "FollowUpKind",
    "Grade",
    "Judgement",
    "JudgementKind",
    "Match",
    "MatchQuerySet",
    "MatchRun",
    "MatchRunQuerySet",
    "Stage",
    "StoredDocument",
    "TrainingVerdict",
    "Trigger",
    "Weighting",
    "new_match_code",
    "new_run_code",
]
