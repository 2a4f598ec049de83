"""Who asks: one person and what they are in which organisations, made once a request.

For reading: pages, lists and answers of the API ask it any number of times without a query. What is done asks the
database again, inside the transaction that does it (`accounts.permissions`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import Anyone, Membership, Role, User


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, or a visitor, for whom all of it is empty. The sets hold primary keys of organisations."""

    user: Anyone
    is_operator: bool = False  # writes for a verified operator organisation
    is_broker: bool = False  # may take care of others' needs
    member_of: frozenset[int] = frozenset()
    verified: frozenset[int] = frozenset()  # of `member_of`
    writes_for: frozenset[int] = frozenset()
    manages: frozenset[int] = frozenset()

    @property
    def person(self) -> User:
        """Where there is one: behind the login."""
        assert isinstance(self.user, User)
        return self.user

    @classmethod
    def of(cls, user: Anyone) -> Viewer:
        """One query; none for a visitor. A request has its own: `request.viewer`, in the API `self.viewer`."""
        if isinstance(user, AnonymousUser):
            return cls(user)
        return cls.of_member(user, Membership.objects.active().filter(user=user).select_related("organisation"))

    @classmethod
    def of_member(cls, user: User, memberships: Iterable[Membership]) -> Viewer:
        """No query: `memberships` are the active ones of `user`, with their organisations."""
        rows = list(memberships)
        viewer = cls(
            user=user,
            is_operator=any(row.can_write and row.organisation.is_operator for row in rows),
            is_broker=any(row.role == Role.BROKER and row.organisation.is_verified for row in rows),
            member_of=frozenset(row.organisation_id for row in rows),
            verified=frozenset(row.organisation_id for row in rows if row.organisation.is_verified),
            writes_for=frozenset(row.organisation_id for row in rows if row.can_write),
            manages=frozenset(row.organisation_id for row in rows if row.role == Role.OWNER),
        )
        user._is_operator = viewer.is_operator  # spares accounts.models.is_operator its query
        return viewer
