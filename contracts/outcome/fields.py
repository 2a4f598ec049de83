"""What a contract, its milestones, payments and figures may hold. For the forms and the API alike; no database."""

from contracts.models import (
    Remark,
)
from lib import cleaning as clean
from lib.cleaning import Cleaner

MOST_FIGURES = 20


FIGURE: dict[str, Cleaner] = {
    "name": lambda raw: clean.line(raw, limit=60, required=True),
    "unit": lambda raw: clean.line(raw, limit=20, required=True),
    "before": lambda raw: clean.number(raw, places=6, digits=20, required=True),
    "after": lambda raw: clean.number(raw, places=6, digits=20, required=True),
}


RATING: dict[str, Cleaner] = {
    "stars": lambda raw: clean.whole(raw, low=1, high=5, required=True),
    "remarks": lambda raw: clean.choices(raw, options=Remark.choices),
    "comment": lambda raw: clean.text(raw, limit=2000),
}


CASE: dict[str, Cleaner] = {
    "title": lambda raw: clean.line(raw, limit=120, required=True),
    "text": lambda raw: clean.text(raw, limit=10_000, required=True),
}
