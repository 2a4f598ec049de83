"""What a contract, its milestones, payments and figures may hold. For the forms and the API alike; no database."""

from contracts.models import (
    PaymentKind,
)
from lib import cleaning as clean
from lib.cleaning import Cleaner

PAYMENT: dict[str, Cleaner] = {
    "kind": lambda raw: clean.choice(raw, options=PaymentKind.choices, required=True),
    "corrects": lambda raw: clean.choice(raw, options=PaymentKind.choices),
    "amount": lambda raw: clean.number(raw, places=2, digits=12, required=True),
    "paid_on": lambda raw: clean.day(raw, required=True),
    "note": lambda raw: clean.line(raw, limit=300),
}
