"""Writing the content of a need and its indicator rows: for what its owner does and for imports.

Neither permission nor state is asked here, and nothing is audited: the caller has done, or does, that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from needs.models import Need, NeedIndicator
from needs.need.fields import NEED, NEED_INDICATOR

Values = Mapping[str, Any]
INDICATOR_FIELDS = tuple(NEED_INDICATOR)


def check_content(values: Values) -> None:
    """TypeError for a name that is not of the table."""
    if unknown := values.keys() - NEED.keys():
        raise TypeError(f"Not content of a need: {', '.join(sorted(unknown))}")


def write_content(*, need: Need, values: Values, indicators: Sequence[Values] | None, at: datetime) -> list[str]:
    """Write what differs on a locked need; return the names of the fields (and "indicators") that did."""
    check_content(values)
    changed = sorted(name for name, value in values.items() if getattr(need, name) != value)
    for name in changed:
        setattr(need, name, values[name])
    if indicators is not None and _indicator_values(need) != [_row(row) for row in indicators]:
        _rewrite_indicators(need, indicators)
        rows_changed = ["indicators"]
    else:
        rows_changed = []
    if changed or rows_changed:
        need.changed_at = at
        need.save(update_fields=[*changed, "changed_at"])
    return changed + rows_changed


def _row(values: Values) -> dict[str, Any]:
    """An indicator as a complete plain dict, model defaults filled in, so that two can be compared."""
    row = NeedIndicator(**values)
    return {name: getattr(row, name) for name in INDICATOR_FIELDS}


def _indicator_values(need: Need) -> list[dict[str, Any]]:
    return list(need.indicators.order_by("position", "pk").values(*INDICATOR_FIELDS))


def write_indicators(need: Need, indicators: Sequence[Values]) -> None:
    NeedIndicator.objects.bulk_create(
        NeedIndicator(need=need, position=position, **row) for position, row in enumerate(indicators)
    )


def _rewrite_indicators(need: Need, indicators: Sequence[Values]) -> None:
    """In place where a row is the same one, which its name says; two of one name are taken in their order.

    What answers an indicator names its key: that lives as long as the indicator, whatever is changed about it.
    """
    left = list(need.indicators.order_by("position", "pk"))
    for position, row in enumerate(map(_row, indicators)):
        same = next((known for known in left if known.name == row["name"]), None)
        if same is None:
            NeedIndicator.objects.create(need=need, position=position, **row)
            continue
        left.remove(same)
        for name, value in {**row, "position": position}.items():
            setattr(same, name, value)
        same.save(update_fields=["position", *INDICATOR_FIELDS])
    NeedIndicator.objects.filter(pk__in=[row.pk for row in left]).delete()
