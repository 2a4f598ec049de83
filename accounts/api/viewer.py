"""Who reads: what serializers ask about a person, answered for a whole list with one query."""

from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Organisation, User
from accounts.models.organisation import is_operator


class Viewer:
    """The person behind one request. `belongs_to` is `accounts.permissions.belongs_to` without a query per row."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user

    @cached_property
    def is_operator(self) -> bool:
        return isinstance(self.user, User) and is_operator(self.user)

    def belongs_to(self, organisation: Organisation) -> bool:
        return organisation.pk in self._organisations

    @cached_property
    def _organisations(self) -> frozenset[int]:
        if not isinstance(self.user, User):
            return frozenset()
        mine = Membership.objects.active().filter(user=self.user)
        return frozenset(mine.values_list("organisation_id", flat=True))
