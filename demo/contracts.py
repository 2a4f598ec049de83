"""Demo data from the contract on: rows of demo/contracts.jsonl become entries of the calendar.

A contract begins with a contact, or with an award or claim of demo/challenges.jsonl; then it is there already.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.utils import timezone

from accounts.models import User
from contracts.contract.actions import (
    change_contract,
    confirm_contract,
    record_funding,
    terminate_contract,
)
from contracts.delivery.actions import (
    accept_contract,
    accept_milestone,
    add_payment,
    attach_to_contract,
    deliver_milestone,
    reject_contract,
    return_milestone,
)
from contracts.models import (
    Clause,
    Contract,
    PaymentKind,
    Side,
)
from contracts.outcome.actions import (
    approve_case,
    confirm_solved,
    rate,
    write_case,
)
from demo import files as demo_files
from demo.data import (
    Act,
    Calendar,
    Loaded,
    Row,
    partners,
    rows,
)
from matching.matches.contracts import begin_contract
from matching.models import Match

MONEY = ("amount", "entry_fee", "royalty_percent")


def enter_contracts(loaded: Loaded, calendar: Calendar) -> None:
    """Put everything of the file on the calendar."""
    for row in rows("contracts"):
        _Story(row, loaded, calendar).enter()


class _Story:
    """A row of demo/contracts.jsonl."""

    def __init__(self, row: Row, loaded: Loaded, calendar: Calendar) -> None:
        self.row, self.loaded, self.calendar = row, loaded, calendar
        self.need = loaded.needs[row["need"]]
        self.people = {
            Side.BUYER.value: loaded.owner_of(self.need.organisation),
            Side.SUPPLIER.value: loaded.owners[row["supplier"]],
            "operator": loaded.operator,
        }

    @property
    def buyer(self) -> User:
        return self.people[Side.BUYER]

    @property
    def supplier(self) -> User:
        return self.people[Side.SUPPLIER]

    @property
    def contract(self) -> Contract:
        return self.loaded.contracts[self.row["key"]]

    def enter(self) -> None:
        days, row = self.row["days"], self.row
        self.calendar.add(days["drafted"], self._draft)
        self.calendar.add(days["changed"], self._write)
        for side, day in days["confirmed"].items():
            self.calendar.add(day, partial(self._confirm, side))
        if "funding" in days:
            self.calendar.add(days["funding"], self._fund)
        for place, milestone in enumerate(row["milestones"], start=1):
            self._enter_milestone(place, milestone)
        for payment in row["payments"]:
            self.calendar.add(payment["days"], partial(self._pay, payment))
        steps: dict[str, Act] = {
            "accepted": lambda at: self._does(accept_contract, at, note=row["acceptance_note"]),
            "rejected": lambda at: self._does(reject_contract, at, reason=row["reason"]),
            "terminated": lambda at: self._does(terminate_contract, at, reason=row["reason"]),
            "solved": self._solve,
            "case": self._tell,
        }
        for name, act in steps.items():
            if name in days:
                self.calendar.add(days[name], act)
        for side, day in days.get("rated", {}).items():
            self.calendar.add(day, partial(self._rate, side))
        for side, day in days.get("approved", {}).items():
            self.calendar.add(day, partial(self._approve, side))

    def _enter_milestone(self, place: int, row: Row) -> None:
        def step(verb: Callable[..., object], by: User, **words: str) -> Act:
            return lambda at: verb(milestone=self.contract.milestones.get(position=place), by=by, at=at, **words)

        if "delivered" in row:
            self.calendar.add(row["delivered"], step(deliver_milestone, self.supplier, note=row["note"]))
        if "returned" in row:
            self.calendar.add(row["returned"], step(return_milestone, self.buyer, reason=row["reason"]))
        if "accepted" in row:
            self.calendar.add(row["accepted"], step(accept_milestone, self.buyer))

    def _does(self, verb: Callable[..., object], at: datetime, **words: str) -> None:
        verb(contract=self.contract, by=self.buyer, at=at, **words)

    def _draft(self, at: datetime) -> None:
        """From a contact; after an award or a claim the draft is there already."""
        if self.row["origin"] == "match":
            output = self.loaded.outputs[partners()[self.row["need"]]]
            match = Match.objects.get(need=self.need, solution=output)
            contract = begin_contract(match=match, by=self.buyer, at=at)
        else:
            contract = Contract.objects.get(need=self.need, supplier=self.loaded.organisations[self.row["supplier"]])
        self.loaded.contracts[self.row["key"]] = contract

    def _write(self, at: datetime) -> None:
        values = {name: _money(value) if name in MONEY else value for name, value in self.row["values"].items()}
        due = [timezone.localdate(self.calendar.moment(row["due"])) for row in self.row["milestones"]]
        change_contract(
            contract=self.contract,
            values={
                **values,
                "clauses": {Clause.NAME.value: values["title"], **self.row["clauses"]},
                "ends_on": due[-1] + timedelta(days=30),
            },
            milestones=[
                {
                    **{name: row[name] for name in ("title", "deliverable")},
                    "due_on": day,
                    "payment": None if row["payment"] is None else _money(row["payment"]),
                }
                for row, day in zip(self.row["milestones"], due, strict=True)
            ],
            by=self.supplier,
            at=at,
        )

    def _confirm(self, side: str, at: datetime) -> None:
        confirm_contract(contract=self.contract, side=Side(side), by=self.people[side], at=at)

    def _fund(self, at: datetime) -> None:
        funding = self.row["funding"]
        record_funding(
            contract=self.contract,
            amount=_money(funding["amount"]),
            decided_on=timezone.localdate(at),
            reference=funding["reference"],
            by=self.buyer,
            at=at,
        )

    def _pay(self, payment: Row, at: datetime) -> None:
        place = payment["milestone"]
        add_payment(
            contract=self.contract,
            kind=PaymentKind(payment["kind"]),
            amount=_money(payment["amount"]),
            paid_on=timezone.localdate(at),
            milestone=self.contract.milestones.get(position=place) if place else None,
            note=payment["note"],
            by=self.buyer,
            at=at,
        )

    def _solve(self, at: datetime) -> None:
        file = self.row["evidence"]
        evidence = attach_to_contract(
            upload=demo_files.file(file["name"], file["text"]), contract=self.contract, by=self.buyer, at=at
        )
        figures: Sequence[Row] = self.row["figures"]
        confirm_solved(
            contract=self.contract,
            figures=[
                {**figure, "before": _money(figure["before"]), "after": _money(figure["after"]), "evidence": evidence}
                for figure in figures
            ],
            by=self.buyer,
            at=at,
        )

    def _rate(self, side: str, at: datetime) -> None:
        rate(contract=self.contract, side=Side(side), by=self.people[side], at=at, **self.row["ratings"][side])

    def _tell(self, at: datetime) -> None:
        write_case(contract=self.contract, by=self.supplier, at=at, **self.row["case"])

    def _approve(self, side: str, at: datetime) -> None:
        case = Contract.objects.get(pk=self.contract.pk).case
        approve_case(case=case, side=Side(side), by=self.people[side], at=at)


def _money(number: float) -> Decimal:
    """Numbers of the file are exact as they are written."""
    return Decimal(str(number))
