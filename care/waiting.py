"""Follow-ups that are due and complaints that wait: rows of a desk beside those of `challenges.waiting`."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User, is_operator
from care.complaint.queries import with_names
from care.complaint.workflow import UNFINISHED, ComplaintState
from care.follow_up.queries import visible_follow_ups
from care.models import Complaint
from care.subjects import subject_of
from challenges.waiting import MOST, Waiting

SOON = timedelta(days=3)  # a follow-up this near is shown to who answers for it


def follow_ups_due(user: User, *, at: datetime) -> list[Waiting]:
    """Late ones this person may care for, and their own that are due soon; the longest due first. One query."""
    today = timezone.localdate(at)
    is_due = Q(due_on__lt=today) | Q(due_on__lte=today + SOON, owner=user)
    rows = visible_follow_ups(user).filter(is_due, done_at=None).order_by("due_on", "pk")
    return [
        Waiting(
            _("写跟进结果"),
            subject_of(row).need.title,
            reverse("care:follow-up-done", args=[subject_of(row).code, row.pk]),
            row.due_on,
            is_late=row.due_on < today,
        )
        for row in rows[:MOST]
    ]


def complaints_waiting(user: User, organisation: Organisation) -> list[Waiting]:
    """Operators: what they may read and nobody took up; a party: unfinished complaints against it. One query."""
    if is_operator(user) and organisation.is_operator:
        found, what = Complaint.objects.visible_to(user).filter(state=ComplaintState.OPEN), _("投诉待受理")
    else:
        found = Complaint.objects.filter(respondent=organisation, state__in=UNFINISHED)
        what = _("收到投诉，请说明情况")
    rows = with_names(found).order_by("raised_at", "pk")[:MOST]
    return [Waiting(what, subject_of(row).need.title, row.get_absolute_url(), row.raised_at) for row in rows]
