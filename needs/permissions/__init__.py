"""Who may do what; one module per subject."""

from needs.permissions.disclosure import FULL, clearance, clearances, sees_everything
from needs.permissions.needs import (
    allowed_actions,
    can_pose_needs,
    check_poses_needs,
    is_under_way,
    sees_candidates,
)

__all__ = [
    "FULL",
    "allowed_actions",
    "can_pose_needs",
    "check_poses_needs",
    "clearance",
    "clearances",
    "is_under_way",
    "sees_candidates",
    "sees_everything",
]
