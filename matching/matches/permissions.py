"""On which side of a match a person stands, and what that lets them see and do.

The domain checks again when something is done (matching.matches.actions); this is for what pages show.
"""

from accounts.viewer import Viewer
from matching.matches.workflow import ReviewState
from matching.models import Match
from needs.need.workflow import NeedState


def is_buyer(viewer: Viewer, match: Match) -> bool:
    return match.need.organisation_id in viewer.member_of


def is_supplier(viewer: Viewer, match: Match) -> bool:
    return match.solution.organisation_id in viewer.member_of


def can_answer_as_buyer(viewer: Viewer, match: Match) -> bool:
    return match.need.organisation_id in viewer.writes_for and _is_open(match)


def can_answer_as_supplier(viewer: Viewer, match: Match) -> bool:
    """Suppliers are asked once an operator has confirmed."""
    return (
        match.solution.organisation_id in viewer.writes_for
        and match.review == ReviewState.CONFIRMED
        and match.need.state == NeedState.PUBLISHED
        and _is_open(match)
    )


def can_confirm(viewer: Viewer, match: Match) -> bool:
    return viewer.is_operator and match.review != ReviewState.CONFIRMED and match.need.state == NeedState.PUBLISHED


def can_reject(viewer: Viewer, match: Match) -> bool:
    return viewer.is_operator and match.review == ReviewState.UNREVIEWED


def _is_open(match: Match) -> bool:
    return match.review != ReviewState.REJECTED and match.need.is_matched and match.contacted_at is None
