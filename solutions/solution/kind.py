"""What a kind of entry is: the one value in which its room says everything others have to know about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model
from django.utils.functional import Promise

from accounts.models import Organisation
from lib.fields import Table
from solutions.solution.models import Solution


class Clean(Protocol):
    """Raw content → values for the action; `ValidationError` by field. `partly`: only the fields that `raw` holds."""

    def __call__(self, raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of entry. Its room is `solutions/<code>/`; `solutions/kinds.py` lists them all."""

    code: str  # in the database and the API
    label: Promise  # one entry
    plural: Promise  # the list of them, in the navigation
    detail: type[Model]  # holds the fields only this kind has
    fields: Table
    clean: Clean
    urls: str  # module with its addresses
    api_urls: str
    list_url: str  # name of its public list
    own_url: str  # name of the page on which an organisation manages its entries
    edit_url: Callable[[Solution], str]
    template: str  # the page of one entry
    page: Callable[[Solution], dict[str, Any]]  # what that page shows besides what all kinds have
    # Which organisations have such entries, and what the others are told.
    is_for: Callable[[Organisation], bool]
    not_for: Promise
    one_per_organisation: bool = False
    # Whether the engine compares it with needs; its list on a needs' page has a line of facts, from this template.
    is_matched: bool = False
    facts_template: str = ""
    # What the desk of an organisation without an entry suggests; only where there is one for each.
    invitation_template: str = ""
    # The detail's columns in which people are named: they must not judge bids that name the entry.
    people: tuple[str, ...] = ()

    @property
    def relation(self) -> str:
        """The name of the details on an entry."""
        return str(self.detail._meta.get_field("solution").remote_field.get_accessor_name())  # type: ignore[union-attr]

    @property
    def detail_fields(self) -> list[str]:
        """Names of the table that are not on `Solution`."""
        common = {field.name for field in Solution._meta.fields}
        return [name for name, field in self.fields.items() if field.is_kept and name not in common]

    def value_of(self, solution: Solution) -> Callable[[str], Any]:
        """A function from the name of a content field to its value on `solution`, whose details are joined."""
        details, own = getattr(solution, self.relation), frozenset(self.detail_fields)
        return lambda name: getattr(details if name in own else solution, name)

    def content_of(self, solution: Solution) -> dict[str, Any]:
        """All content fields by name."""
        value_of = self.value_of(solution)
        return {name: value_of(name) for name, field in self.fields.items() if field.is_kept}
