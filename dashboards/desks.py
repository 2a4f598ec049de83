"""What stands on the desk of a poser, a supplier and an operator: rows and figures of the apps below, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, OrganisationKind, User
from accounts.organisation.queries import verification_count
from accounts.viewer import Viewer
from care.time_to_match.figures import Report, report_of
from care.waiting import complaints_waiting, follow_ups_due
from challenges.waiting import (
    Waiting,
    waiting_for_operators,
    waiting_for_organisation,
    waiting_for_reviewer,
)
from contracts.contract import queries as contracts
from contracts.outcome.queries import public_cases
from matching.explanation.queries import summarise
from matching.explanation.values import Summary
from matching.matches import queries as matches
from matching.matches.workflow import ReviewState, SupplierAnswer
from matching.models import Match
from matching.runs.queries import run_health
from needs.models import Need
from needs.need import queries as needs
from needs.need.permissions import can_pose_needs
from solutions.kinds import matched
from solutions.solution import queries as solutions

SHOWN = 5  # rows of a list on a desk; the rest is behind its link
NEEDS_SHOWN = 10

SUPPLIERS_FIRST = frozenset({OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE})


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A match with what this reader may know of it."""

    match: Match
    summary: Summary


@dataclass(frozen=True, slots=True)
class NeedRow:
    need: Need
    candidates: matches.CandidateCounts


def participant_desk(organisation: Organisation, viewer: Viewer) -> dict[str, Any]:
    """The usual half of this kind of organisation; the other one too when there is something in it."""
    poses = organisation.is_demand_side and any(needs.state_counts(organisation).values())
    offers = organisation.is_supply_side and any(solutions.state_counts(organisation, *matched()).values())
    is_enterprise = organisation.kind == OrganisationKind.ENTERPRISE
    order = ["poser", "supplier"] if is_enterprise else ["supplier", "poser"]
    order = [half for half, has in zip(order, (True, offers if is_enterprise else poses), strict=True) if has]
    user, now = viewer.person, timezone.now()
    return {
        "poser": poser_desk(organisation, viewer) if "poser" in order else None,
        "supplier": supplier_desk(organisation, viewer) if "supplier" in order else None,
        "waiting": [*waiting_for_organisation(organisation, at=now), *_care(user, organisation, at=now)],
        "reviewing": waiting_for_reviewer(user),
        "order": order,
        "show_titles": len(order) > 1,
        "is_supplier_first": organisation.kind in SUPPLIERS_FIRST,
        "cared_for": list(needs.cared_for_by(user)[:SHOWN]),
    }


def poser_desk(organisation: Organisation, viewer: Viewer) -> dict[str, Any]:
    """What waits for the poser, and its needs with their candidates."""
    to_answer = matches.candidates_to_answer(organisation)
    rows = list(needs.latest_of(organisation)[:NEEDS_SHOWN])
    candidates = matches.candidate_counts(rows)
    return {
        "states": needs.state_counts(organisation),
        "to_answer": _match_rows(to_answer[:SHOWN], viewer),
        "to_answer_count": to_answer.count(),
        "new_count": matches.new_candidates(organisation).count(),
        "returned": list(needs.returned_to(organisation)[:SHOWN]),
        "rows": [NeedRow(need, candidates[need.pk]) for need in rows],
        "can_pose": can_pose_needs(viewer.person, organisation),
        "clock": _time_to_match(Need.objects.for_organisation(organisation)),
    }


def supplier_desk(organisation: Organisation, viewer: Viewer) -> dict[str, Any]:
    """Invitations first; then needs that fit, unless the person switched personal recommendation off."""
    invitations = matches.invitations_to_answer(organisation)
    fitting = matches.fitting_needs(organisation).filter(
        review=ReviewState.UNREVIEWED, supplier_answer=SupplierAnswer.NONE
    )
    wanted = viewer.person.wants_recommendations
    states = solutions.state_counts(organisation, *matched())
    return {
        "states": states,
        "unfinished": states["draft"] + states["returned"],
        "invitations": _match_rows(invitations[:SHOWN], viewer),
        "invitation_count": invitations.count(),
        "wants_recommendations": wanted,
        "fitting": _match_rows(fitting[:SHOWN], viewer) if wanted else [],
        "fitting_count": fitting.count() if wanted else 0,
        "returned": list(solutions.returned_to(organisation)[:SHOWN]),
        "invitations_to_write": [kind.invitation_template for kind in solutions.unwritten_by(organisation)],
    }


def operator_desk(organisation: Organisation, user: User) -> dict[str, Any]:
    """The queues, how far needs get, and whether the engine is well."""
    counts, now = matches.funnel(), timezone.now()
    return {
        "waiting": [*waiting_for_operators(user, at=now), *_care(user, organisation, at=now)],
        "reviewing": waiting_for_reviewer(user),
        "needs_to_review": needs.review_counts(),
        "outputs_to_review": solutions.review_counts(),
        "organisations_to_verify": verification_count(),
        "matches_to_review": matches.waiting_review_count(),
        "funnel": [(step, step.label, number) for step, number in counts.items()],
        "funnel_data": {
            "columns": [_("步骤"), _("需求数")],
            "rows": [[str(step.label), number] for step, number in counts.items()],
        },
        "contracts": contract_figures(),
        "health": run_health(),
        "acceptance": matches.acceptance(),
        "acceptance_by_place": matches.acceptance_by_place(),
        "cared_for": list(needs.cared_for_by(user)[:SHOWN]),
        "cared_for_count": needs.cared_for_by(user).count(),
        "clock": _time_to_match(Need.objects.all()),
    }


def contract_figures() -> dict[str, Any]:
    """What was signed and solved on the platform; intended money is in none of it."""
    return {
        "signed": contracts.signed_count(),
        "value": contracts.contract_value(),
        "solved": contracts.solved_count(),
        "cases": public_cases().count(),
    }


def hint_of(organisation: Organisation) -> dict[str, str] | None:
    """What the organisation itself has to do first: wait for its verification, or mend what was refused."""
    if organisation.state == "pending":
        return {
            "tone": "warning",
            "text": _("机构正在等待核验。现在可以写草稿，核验通过后才能提交审核。"),
            "url": organisation.get_absolute_url(),
            "label": _("查看核验进度"),
        }
    if organisation.state == "refused":
        return {
            "tone": "error",
            "text": _("机构未通过核验：%(reason)s") % {"reason": organisation.refusal_reason},
            "url": reverse("accounts:organisation-edit", args=[organisation.code]),
            "label": _("修改后重新提交"),
        }
    return None


def _care(user: User, organisation: Organisation, *, at: datetime) -> list[Waiting]:
    return [*follow_ups_due(user, at=at), *complaints_waiting(user, organisation)]


def _time_to_match(of_needs: QuerySet[Need]) -> Report | None:
    """None as long as nothing was submitted."""
    report = report_of(of_needs, at=timezone.now())
    return report if report.n else None


def _match_rows(rows: Iterable[Match], viewer: Viewer) -> list[MatchRow]:
    return [MatchRow(match, summarise(match, viewer=viewer)) for match in rows]
