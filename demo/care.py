"""Demo data of the care of matches and contracts: follow-ups of demo/care.jsonl, complaints with their mediation."""

from datetime import datetime
from functools import partial

from django.utils import timezone

from accounts.models import User
from care.complaint import actions as complaints
from care.follow_up.actions import finish_follow_up, open_follow_up
from care.models import FollowUp, FollowUpKind
from care.subjects import Subject, about
from contracts.models import Contract, Side
from demo.data import (
    Calendar,
    Loaded,
    Row,
    partners,
    rows,
)
from matching.models import Match


def enter_care(loaded: Loaded, calendar: Calendar) -> None:
    """Put the follow-ups and the complaints of demo/contracts.jsonl on the calendar."""
    for row in rows("care"):
        if "done" in row:
            calendar.add(row["done"], partial(_finish, row, loaded, calendar))
        else:
            calendar.add(row["open"], partial(_open, row, loaded, calendar))
    for row in rows("contracts"):
        if "complaint" in row:
            _Complaint(row, loaded).enter(calendar)


def _finish(row: Row, loaded: Loaded, calendar: Calendar, at: datetime) -> None:
    """The link of the chain that is open by then, with the next one where the row names a day."""
    subject = _subject(row, loaded)
    follow_up = FollowUp.objects.open().get(**about(subject), kind=FollowUpKind.ROUTINE)
    finish_follow_up(
        follow_up=follow_up,
        result=row["result"],
        next_due_on=timezone.localdate(calendar.moment(row["next"])) if "next" in row else None,
        next_topic=row.get("topic", ""),
        by=follow_up.owner,
        at=at,
    )


def _open(row: Row, loaded: Loaded, calendar: Calendar, at: datetime) -> None:
    open_follow_up(
        subject=_subject(row, loaded),
        due_on=timezone.localdate(calendar.moment(row["due"])),
        topic=row["topic"],
        by=loaded.people[row["by"]],
        at=at,
    )


def _subject(row: Row, loaded: Loaded) -> Subject:
    need = loaded.needs[row["need"]]
    if row["on"] == "contract":
        return Contract.objects.get(need=need)
    return Match.objects.get(need=need, solution=loaded.outputs[partners()[row["need"]]])


class _Complaint:
    """The complaint of a row of demo/contracts.jsonl."""

    def __init__(self, row: Row, loaded: Loaded) -> None:
        self.row, self.loaded = row["complaint"], loaded
        need = loaded.needs[row["need"]]
        self.contract_key = row["key"]
        self.people: dict[str, User] = {
            Side.BUYER: loaded.owner_of(need.organisation),
            Side.SUPPLIER: loaded.owners[row["supplier"]],
            "operator": loaded.operator,
        }
        self.parties = {Side.BUYER: need.organisation, Side.SUPPLIER: loaded.organisations[row["supplier"]]}

    def enter(self, calendar: Calendar) -> None:
        calendar.add(self.row["days"], self._raise)
        calendar.add(self.row["taken_up"], self._take_up)
        for entry in self.row["entries"]:
            calendar.add(entry["days"], partial(self._add, entry))

    def _raise(self, at: datetime) -> None:
        side = Side(self.row["by"])
        contract = self.loaded.contracts[self.contract_key]
        self.complaint = complaints.raise_complaint(
            subject=contract, complainant=self.parties[side], text=self.row["text"], by=self.people[side], at=at
        )

    def _take_up(self, at: datetime) -> None:
        complaints.take_up(complaint=self.complaint, by=self.loaded.operator, at=at)

    def _add(self, entry: Row, at: datetime) -> None:
        complaints.add_entry(complaint=self.complaint, text=entry["text"], by=self.people[entry["by"]], at=at)
