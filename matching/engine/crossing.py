"""The reserved place for another field (跨领域): whose function fits though its field is far. Pure.

Lists ranked by words alone show a poser its own field again and again, while what solves a problem may have been made
for another product. So of a full list one place, the last, is kept for the best candidate of this kind:

- *Its field is far*: the two name no division of GB/T 4754 in common (where both name one), and what the need is
  called (title and keywords) is at most half as near as what it says (`FAR_LEAD`).
- *Its function fits*: what the need says is near enough to earn half the points of the content, and no indicator it
  insists on is shown to be missed.

It must be a match like any other, its score is its ordinary score, and none of the first ten makes way: an output that
stands there needs no reserved place. When no candidate is of this kind, the place goes to the next best as ever. The
evaluation counts what it costs (lab/evaluation/place_for_another_field.py); how such candidates are received,
`acceptance_by_place` in matching/matches/queries.py.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import numpy as np

from matching.engine.documents import Document
from matching.engine.index import Found, Near, overlap
from matching.engine.parts.correspondence import correspond
from matching.engine.prepared import Prepared
from matching.engine.scoring import Scored, rank
from matching.engine.vectors import Statistics
from matching.engine.weights import DEFAULT, Weights

FIRST = 10
"""How many places are never given up, and need no reservation."""

FAR_LEAD = 0.5
"""The similarity of what a need is called, as a share of that of what it says, up to which the field counts as far."""

Ranked = list[tuple[str, Scored]]
Key = TypeVar("Key", str, int)


def crosses(need: Document, solution: Document, found: Found, weights: Weights = DEFAULT) -> bool:
    """Whether the function of an output fits a need from another field, and the need wants to hear of such outputs."""
    if not need.wants_crossing or found.content < weights.half_similarity or found.lead > FAR_LEAD * found.content:
        return False
    if set(need.industries) & set(solution.industries):
        return False
    return all(row.verdict != "unmet" for row in correspond(need.indicators, solution.indicators) if row.need.must)


def pair_crosses(need: Prepared, solution: Prepared, statistics: Statistics, weights: Weights = DEFAULT) -> bool:
    """The same of a pair that no index was asked for."""
    found = overlap(need.as_need(statistics, weights), solution.as_solution(statistics, weights))
    return crosses(need.document, solution.document, found, weights)


def holder_of(ranked: Sequence[Key], crossing: Collection[Key]) -> Key | None:
    """Who has the place, of keys best first: the best of those that cross, outside the first places."""
    return next((key for key in ranked[FIRST:] if key in crossing), None)


def reserve(ranked: Sequence[Key], crossing: Collection[Key], limit: int) -> tuple[list[Key], Key | None]:
    """The keys that make the list, best first, and which of them holds the reserved place.

    A holder that is among the best `limit` anyway displaces nobody; one behind them takes the last place.
    """
    holder = holder_of(ranked, crossing)
    kept = list(ranked[:limit])
    if holder is not None and holder not in kept:
        kept[-1] = holder
    return kept, holder


def with_place(
    need: Prepared,
    near: Near,
    solutions: Mapping[str, Prepared],
    statistics: Statistics,
    limit: int,
    *,
    weights: Weights = DEFAULT,
) -> tuple[Ranked, str | None]:
    """What `matching.engine.scoring.rank` gives, with the reserved place; and the key that holds it."""
    best = rank(need, near, solutions, statistics, limit, weights=weights)
    if len(best) <= FIRST:  # everything that is a match is in the first places
        return best, None
    crossing = _crossing(need, near, solutions, weights)
    results = dict(best)
    # who is in the list is better than who is not; a list that is not full has every match in it
    if len(best) == limit and holder_of(list(results), crossing) is None:
        further = Near.of([found for key, found in crossing.items() if key not in results])
        results |= dict(rank(need, further, solutions, statistics, 1, weights=weights))
    kept, holder = reserve(list(results), crossing.keys(), limit)
    return [(key, results[key]) for key in kept], holder


def _crossing(need: Prepared, near: Near, solutions: Mapping[str, Prepared], weights: Weights) -> dict[str, Found]:
    # by the numbers of all at once: few are left to look at one by one
    is_far = (near.content >= weights.half_similarity) & (near.lead <= FAR_LEAD * near.content)
    far = [near[place] for place in np.flatnonzero(is_far).tolist() if near.keys[place] in solutions]
    return {found.key: found for found in far if crosses(need.document, solutions[found.key].document, found, weights)}
