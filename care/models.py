"""Who looks after a match or contract: the models of every room."""

from care.complaint.models import (
    Complaint,
    ComplaintEntry,
)
from care.follow_up.models import (
    FollowUp,
    FollowUpKind,
)

__all__ = [
    "Complaint",
    "ComplaintEntry",
    "FollowUp",
    "FollowUpKind",
]
