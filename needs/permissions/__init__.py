"""Who may do what; one module per subject."""

from needs.permissions.needs import (
    allowed_actions,
    can_pose_needs,
    check_poses_needs,
    sees_candidates,
    sees_private_indicators,
    takes_care,
)

__all__ = [
    "allowed_actions",
    "can_pose_needs",
    "check_poses_needs",
    "sees_candidates",
    "sees_private_indicators",
    "takes_care",
]
