"""Who reads: what serializers ask about a person, answered for a whole list with one query."""

from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Organisation, Role, User, is_operator


class Viewer:
    """The person behind one request. `belongs_to` is `accounts.permissions.belongs_to` without a query per row."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user

    @cached_property
    def is_operator(self) -> bool:
        return isinstance(self.user, User) and is_operator(self.user)

    def belongs_to(self, organisation: Organisation) -> bool:
        return organisation.pk in self._organisations

    @property
    def is_broker(self) -> bool:
        """May take care of others' needs."""
        return any(m.role == Role.BROKER and m.organisation.is_verified for m in self._memberships)

    @cached_property
    def _organisations(self) -> frozenset[int]:
        return frozenset(membership.organisation_id for membership in self._memberships)

    @cached_property
    def _memberships(self) -> list[Membership]:
        if not isinstance(self.user, User):
            return []
        return list(Membership.objects.active().filter(user=self.user).select_related("organisation"))
