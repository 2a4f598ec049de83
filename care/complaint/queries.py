"""Reads of complaints and of their record."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from care.models import Complaint
from care.subjects import Subject, about


def with_names(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """With what a row or page shows, in one query."""
    return complaints.select_related(
        "complainant",
        "respondent",
        "raised_by",
        "ended_by",
        "match__need__organisation",
        "match__solution__organisation",
        "contract__need__organisation",
        "contract__supplier",
    )


def complaints_of(subject: Subject, user: User) -> list[Complaint]:
    """Those `user` may see, the latest first. A caretaker who is no operator sees none."""
    return list(Complaint.objects.visible_to(user).filter(**about(subject)).order_by("-raised_at", "-pk"))


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line of the mediation record with where its author stands."""

    text: str
    at: datetime
    by: str
    side: str


def record_of(complaint: Complaint) -> list[RecordLine]:
    """The record, oldest first; two queries. Who belonged to a party spoke for it, everybody else for the platform."""
    entries = list(complaint.entries.select_related("by").order_by("at", "pk"))
    people = Membership.objects.filter(user__in={entry.by_id for entry in entries})
    belongs = set(people.values_list("user", "organisation"))

    def side_of(person: int) -> str:
        if (person, complaint.complainant_id) in belongs:
            return complaint.complainant.name
        if (person, complaint.respondent_id) in belongs:
            return complaint.respondent.name
        return _("运营方")

    return [RecordLine(entry.text, entry.at, entry.by.name, side_of(entry.by_id)) for entry in entries]
