"""From a contact to a contract: either side may begin the draft, and both find it on the page of the match."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Denied, writes_for
from accounts.viewer import Viewer
from contracts.contract.actions import draft_contract
from contracts.contract.workflow import ContractState
from contracts.models import Contract
from lib.refusals import WrongState
from matching.models import Match
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.models import Solution


@transaction.atomic
def begin_contract(*, match: Match, by: User, at: datetime) -> Contract:
    """A draft between the sides of a match in contact, about its output; the one there is, when there is one.

    The match itself is not written: contact, once begun, stays begun.
    """
    Solution.objects.select_for_update(of=("self",), no_key=True).get(pk=match.solution_id)
    need = (
        Need.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=match.need_id)
    )
    match = Match.objects.select_related("solution__organisation").get(pk=match.pk)
    if not (writes_for(by, need.organisation) or writes_for(by, match.solution.organisation)):
        raise Denied(_("只有双方有权操作的成员可以起草合同。"))
    if match.contacted_at is None:
        raise WrongState(_("双方开始对接之后才能起草合同。"))
    if need.state != NeedState.PUBLISHED:
        raise WrongState(_("需求已关闭或撤回，不能再起草合同。"))
    return draft_contract(need=need, supplier=match.solution.organisation, solution=match.solution, by=by, at=at)


def contract_of(match: Match, *, viewer: Viewer) -> Contract | None:
    """The contract between the two sides that this viewer may see; an ended one does not count."""
    if match.contacted_at is None or not isinstance(viewer.user, User):
        return None
    return (
        Contract.objects.visible_to(viewer.user)
        .filter(need=match.need_id, supplier=match.solution.organisation_id)
        .exclude(state=ContractState.TERMINATED)
        .first()
    )


def can_begin_contract(match: Match, *, viewer: Viewer) -> bool:
    sides = {match.need.organisation_id, match.solution.organisation_id}
    is_open = match.contacted_at is not None and match.need.state == NeedState.PUBLISHED
    return is_open and not viewer.writes_for.isdisjoint(sides)
