"""Conflicts of interest of reviewers: which rule speaks against whom. Reads only; who is told what is the callers'."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, OrganisationKind, User
from challenges.models import (
    Avoidance,
    Bid,
    BidVersion,
    Challenge,
)
from contracts.models import Contract
from solutions.kinds import KINDS

# Who left an organisation stays partial to it for a while: two years.
COOLING_OFF = timedelta(days=730)
SEPARATORS = re.compile(r"[、,，;；/／\n]+")


class ConflictRule(models.TextChoices):
    MEMBER = "member", _("在需求方或揭榜单位任职，或离任未满两年")
    CONTRACT = "contract", _("所在单位与需求方或揭榜单位有过技术合同")
    AUTHOR = "author", _("是揭榜方案所依托成果的完成人，或列为方案的参与专家")
    AVOIDANCE = "avoidance", _("已声明回避需求方或某一揭榜单位")
    OPERATOR = "operator", _("是平台运营人员，能看到揭榜单位，不能盲评")


# Facts a reviewer cannot bring about by typing. Only these may refuse a reviewer's own step: could a new avoidance or a
# changed name do so, a reviewer would learn who bids, or who stands in a bid, by trying names one after another.
NOT_OF_ONES_OWN_MAKING = frozenset({ConflictRule.MEMBER, ConflictRule.CONTRACT, ConflictRule.OPERATOR})

Conflicts = dict[int, list[ConflictRule]]  # pk of a person → the rules against; nobody without any


def conflicts_of(*, challenge: Challenge, users: Iterable[User], at: datetime) -> Conflicts:
    """The rules that speak against these people as reviewers of `challenge`; seven queries however many they are."""
    people = {user.pk: user for user in users}
    poser = challenge.need.organisation_id
    bidders = set(Bid.objects.handed_in().filter(challenge=challenge).values_list("organisation", flat=True))
    parties = {poser, *bidders}
    homes, operators = _homes(people, at)
    partners = _partners({home for of_person in homes.values() for home in of_person}, poser, bidders)
    avoiding = set(
        Avoidance.objects.filter(user__in=people, organisation__in=parties).values_list("user", flat=True).distinct()
    )
    authors = _authors(challenge)
    found: Conflicts = {}
    for pk, user in people.items():
        speaks = {
            ConflictRule.MEMBER: bool(homes[pk] & parties),
            ConflictRule.CONTRACT: bool(homes[pk] & partners),
            ConflictRule.AUTHOR: _plain(user.name) in authors,
            ConflictRule.AVOIDANCE: pk in avoiding,
            ConflictRule.OPERATOR: pk in operators,
        }
        if rules := [rule for rule, holds in speaks.items() if holds]:
            found[pk] = rules
    return found


def names_in(text: str) -> set[str]:
    """The persons a list of names may mean: split at 、 , ， ; ； / and at blanks, which also stand inside names."""
    names = set()
    for part in SEPARATORS.split(text):
        names |= {_plain(part), *(_plain(piece) for piece in part.split())}
    return names - {""}


def _homes(people: dict[int, User], at: datetime) -> tuple[dict[int, set[int]], set[int]]:
    """Person → the organisations they belong to, or left less than two years ago; and who operates the platform now."""
    homes: dict[int, set[int]] = {pk: set() for pk in people}
    operators = set()
    memberships = Membership.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at - COOLING_OFF), user__in=people)
    rows = memberships.values_list("user", "organisation", "organisation__kind", "ended_at")
    for user, organisation, kind, ended_at in rows:
        homes[user].add(organisation)
        if kind == OrganisationKind.OPERATOR and ended_at is None:
            operators.add(user)
    return homes, operators


def _partners(homes: set[int], poser: int, bidders: set[int]) -> set[int]:
    """Those of `homes` that ever signed a contract with the poser or with a bidder."""
    contracts = Contract.objects.filter(signed_at__isnull=False)
    as_buyer = contracts.filter(need__organisation__in=homes, supplier__in=bidders | {poser})
    as_supplier = contracts.filter(supplier__in=homes, need__organisation__in=bidders | {poser})
    return {
        *as_buyer.values_list("need__organisation", flat=True),
        *as_supplier.values_list("supplier", flat=True),
    }


def _authors(challenge: Challenge) -> set[str]:
    """Names in what the bids name: experts, and who is named in the outputs; of the version that counts."""
    names: set[str] = set()
    counting = counting_versions(challenge)
    for experts in counting.values_list("experts", flat=True):
        for expert in experts:
            names |= names_in(expert)
    for kind in KINDS:
        for column in kind.people:
            path = f"solutions__{kind.relation}__{column}"
            for people in counting.filter(**{f"{path}__isnull": False}).values_list(path, flat=True):
                names |= names_in(people)
    return names


def counting_versions(challenge: Challenge) -> models.QuerySet[BidVersion]:
    """Of every bid that was handed in the last version that was."""
    versions = BidVersion.objects.handed_in().filter(bid__in=Bid.objects.handed_in().filter(challenge=challenge))
    return versions.filter(pk__in=versions.order_by("bid", "-number").distinct("bid").values("pk"))


def _plain(name: str) -> str:
    """A name without blanks, widths and case."""
    return re.sub(r"[\s·.]", "", unicodedata.normalize("NFKC", name)).casefold()
