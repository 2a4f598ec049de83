"""Whoever reads of a need beside a match what is not public is written down, as on the need's own pages."""

from collections.abc import Iterable
from datetime import datetime

from accounts.viewer import Viewer
from matching.explanation.texts import hideable_in_texts
from matching.explanation.values import Explanation
from matching.models import Match
from needs.disclosure.actions import log_view, log_views
from needs.disclosure.permissions import FULL, is_insider
from needs.disclosure.queries import disclosed
from needs.models import DisclosureChannel


def log_explained(
    explanation: Explanation, *, viewer: Viewer, channel: str = DisclosureChannel.PAGE, at: datetime
) -> None:
    """The page of one match: an insider is shown everything that was scored, others the texts they have reached."""
    view = explanation.need
    if view.is_whole:
        log_view(view=view, viewer=viewer, channel=channel, at=at)
    elif explanation.need_texts:
        log_view(view=view, viewer=viewer, channel=channel, at=at, only=hideable_in_texts())


def log_listed(
    matches: Iterable[Match], *, viewer: Viewer, channel: str = DisclosureChannel.PAGE, at: datetime
) -> None:
    """A list of matches: insiders read sentences about what is not public; nobody else is shown any of it there."""
    needs = {match.need_id: match.need for match in matches if is_insider(viewer, match.need)}
    log_views(views=[disclosed(need, FULL) for need in needs.values()], viewer=viewer, channel=channel, at=at)
