"""Who may do what to needs: `check_…` raises the reason, `can_…`/`sees_…` answers yes or no."""

from django.utils.translation import gettext as _

from accounts.models import Anyone, Organisation, User, is_operator
from accounts.permissions import Denied, check_writes_for, writes_for
from lib.asking import ask
from lib.refusals import WrongState
from needs.models import Need
from needs.need.workflow import EDITABLE, MATCHED, NEED_ACTIONS
from needs.signals import Hold, needs_held

# What nobody does to a need while an app above holds it (`needs.signals.needs_held`).
CHANGES = frozenset({"edit", "withdraw", "close", "return"})


def check_poses_needs(user: User, organisation: Organisation) -> None:
    """`user` must write for `organisation`, and its kind must be one that poses needs."""
    check_writes_for(user, organisation)
    if not organisation.is_demand_side:
        raise Denied(_("您所在机构的类型不能发布技术需求；企业、服务商和个人可以。"))


def can_pose_needs(user: Anyone, organisation: Organisation | None) -> bool:
    return organisation is not None and organisation.is_demand_side and writes_for(user, organisation)


def allowed_actions(*, user: Anyone, need: Need) -> frozenset[str]:
    """What `user` may do to `need` now: names of NEED_ACTIONS, and edit, acknowledge, assign."""
    actors = _actors(user, need)
    actions = {
        name
        for name, transition in NEED_ACTIONS.items()
        if transition.actor in actors and need.state in transition.sources
    }
    if "owner" in actors and need.state in EDITABLE:
        actions.add("edit")
    if actions & CHANGES and _hold_on(need, "change"):
        actions -= CHANGES
    if "operator" in actors:
        if need.is_published and need.has_unreviewed_change:
            actions.add("acknowledge")
        if need.state in MATCHED:
            actions.add("assign")
    return frozenset(actions)


def holds_on(step: str) -> list[Hold]:
    """What keeps needs from `step` ("change", "close" or "expire"), as the apps above answer."""
    return ask(needs_held, sender=Need, step=step)


def check_not_held(need: Need, step: str) -> None:
    """WrongState with the reason where an app above keeps `need` from `step`."""
    if hold := _hold_on(need, step):
        raise WrongState(hold.reason)


def _hold_on(need: Need, step: str) -> Hold | None:
    holds = (hold for hold in holds_on(step) if Need.objects.filter(pk=need.pk, pk__in=hold.needs).exists())
    return next(holds, None)


def _actors(user: Anyone, need: Need) -> frozenset[str]:
    actors = set()
    if writes_for(user, need.organisation):
        actors.add("owner")
    if is_operator(user):
        actors.add("operator")
    return frozenset(actors)
