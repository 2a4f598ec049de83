"""What the engine knows and found, what people taught it, and the care of a match or contract."""

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

__all__ = [
    "GRADE_ORDER",
    "Complaint",
    "ComplaintEntry",
    "Feedback",
    "FeedbackKind",
    "FollowUp",
    "FollowUpKind",
    "Grade",
    "Match",
    "MatchQuerySet",
    "MatchRun",
    "MatchRunQuerySet",
    "Stage",
    "StoredDocument",
    "Trigger",
    "new_match_code",
    "new_run_code",
]
