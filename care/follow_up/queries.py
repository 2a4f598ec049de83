"""Reads of follow-ups."""

from django.db.models import Q, QuerySet

from accounts.models import User, is_broker_now, is_operator
from care.models import FollowUp
from contracts.models import Contract


def visible_follow_ups(user: User) -> QuerySet[FollowUp]:
    """Operators see all; a broker those of needs in its care; with what a row shows, in one query.

    Both without those of a contract they may not read: an organisation of their own bid against its supplier.
    """
    readable = Q(contract=None) | Q(contract__in=Contract.objects.visible_to(user).values("pk"))
    rows = FollowUp.objects.filter(readable).select_related(
        "owner",
        "done_by",
        "match__need__organisation",
        "match__need__caretaker",
        "match__solution__organisation",
        "contract__need__organisation",
        "contract__need__caretaker",
        "contract__supplier",
    )
    if is_operator(user):
        return rows
    in_care = Q(match__need__caretaker=user) | Q(contract__need__caretaker=user)
    return rows.filter(in_care & Q(is_broker_now(user)))
