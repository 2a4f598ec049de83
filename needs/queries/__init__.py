"""Reads that cross tables, and this app's figures for dashboards; one module per subject."""

from needs.queries.needs import (
    EVENT_LABELS,
    cared_for_by,
    caretaker_candidates,
    caretaker_loads,
    changed_fields,
    field_labels,
    history,
    latest_of,
    latest_published,
    open_by_industry,
    open_need_count,
    open_posers,
    public_counts,
    returned_to,
    review_counts,
    state_counts,
)

__all__ = [
    "EVENT_LABELS",
    "cared_for_by",
    "caretaker_candidates",
    "caretaker_loads",
    "changed_fields",
    "field_labels",
    "history",
    "latest_of",
    "latest_published",
    "open_by_industry",
    "open_need_count",
    "open_posers",
    "public_counts",
    "returned_to",
    "review_counts",
    "state_counts",
]
