"""Whose files there are. Each app says for its own who may read them and who may take one away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from needs.files.models import Attachment


@dataclass(frozen=True, slots=True)
class Kind:
    model: type[Attachment]
    related: tuple[str, ...]  # what the two questions read of its owner
    may_read: Callable[[User | AnonymousUser, Any], bool]
    # Called inside a transaction. Raises Denied for who does not write for the owner, WrongState where files stay.
    check_removable: Callable[[User, Any], None]


_KINDS: dict[type[Attachment], Kind] = {}


def register(kind: Kind) -> None:
    _KINDS[kind.model] = kind


def kind_of(attachment: Attachment) -> Kind:
    return _KINDS[type(attachment)]


def models() -> list[type[Attachment]]:
    return list(_KINDS)


def find(code: str) -> Attachment | None:
    """The file of this code, whatever it belongs to, with what is asked of its owner."""
    for kind in _KINDS.values():
        rows = kind.model._default_manager.select_related(*kind.related)
        if found := rows.filter(code=code).first():
            return found
    return None
