"""Who may look after a need once it is in contact: its caretaker, or any operator."""

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import Membership, User, is_operator
from accounts.notice.actions import operators
from accounts.permissions import Denied
from care.models import FollowUp
from needs.models import Need


def may_care(user: User, need: Need) -> bool:
    return is_operator(user) or _is_caretaker(user, need)


def _is_caretaker(user: User, need: Need) -> bool:
    """As long as they are a broker; operators need not ask."""
    return user.pk == need.caretaker_id and Membership.objects.brokering().filter(user=user).exists()


def check_cares(user: User, need: Need) -> None:
    if not may_care(user, need):
        raise Denied(_("只有该需求的服务专员和运营人员可以跟进。"))


def owners_for(need: Need) -> list[User]:
    """Who may be given a follow-up of this need: operators, and its caretaker."""
    people = operators()
    caretaker = need.caretaker
    if caretaker is not None and caretaker not in people and caretaker.is_active and _is_caretaker(caretaker, need):
        people.append(caretaker)
    return sorted(people, key=lambda person: (person.name, person.pk))


def owner_for(need: Need) -> User:
    """The caretaker as long as they may care; then the operator with the fewest open follow-ups."""
    people = owners_for(need)
    if need.caretaker in people or not people:
        assert need.caretaker is not None, "the database holds: what was submitted has a caretaker"
        return need.caretaker
    open_by = dict(
        FollowUp.objects.open().filter(owner__in=people).order_by().values_list("owner").annotate(number=Count("pk"))
    )
    return min(people, key=lambda person: (open_by.get(person.pk, 0), person.pk))
