"""Registering an organisation, changing what it says of itself, and its verification by an operator."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import note, step
from accounts.models import Membership, Organisation, OrganisationKind, Role, User, is_operator
from accounts.organisation import notices
from accounts.organisation.workflow import VerificationState
from accounts.permissions import check_manages, check_operator

# What the owner may change; the kind stays, because rights and memberships hang on it.
FIELDS = ("name", "credit_code", "region_code", "industry", "introduction", "website")
# What an operator has checked: changing it asks for another look.
IDENTITY = ("name", "credit_code")
DECISION = ("decided_at", "decided_by", "refusal_reason")


class Taken(Exception):
    """Another organisation has this name or credit code. `field` says which; the message may be shown."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def create_organisation(*, values: dict[str, Any], by: User, at: datetime) -> Organisation:
    """Register an organisation of `values` (`FIELDS` and `kind`) with `by` as its owner; operators are told.

    Asked twice, as by a double click, the first one is returned. Raises `Taken`; `Denied` for an operator
    organisation, which only operators may register.
    """
    if values["kind"] == OrganisationKind.OPERATOR:
        check_operator(by)
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # one at a time for one person
    same = Organisation.objects.filter(
        name=values["name"], kind=values["kind"], memberships__in=Membership.objects.owners().filter(user=by)
    ).first()
    if same:
        return same
    organisation = Organisation(kind=values["kind"], created_at=at)
    _write(organisation, values)
    Membership.objects.create(
        user=by, organisation=organisation, role=Role.OWNER, sole=organisation.is_individual, started_at=at
    )
    note(organisation, "create", by=by, at=at)
    notices.tell_waiting(organisation, at=at)
    return organisation


@transaction.atomic
def change_organisation(*, organisation: Organisation, values: dict[str, Any], by: User, at: datetime) -> Organisation:
    """Write `FIELDS`. A refused organisation goes back to the queue, a verified one when `IDENTITY` changed.

    Nothing changed and not refused: nothing is written. Raises `Denied`, `Taken`.
    """
    organisation = _locked(organisation)
    check_manages(by, organisation)
    values = {**values, "credit_code": values["credit_code"] or None}
    changed = {field for field in FIELDS if getattr(organisation, field) != values[field]}
    refused = organisation.state == VerificationState.REFUSED
    if not changed and not refused:
        return organisation
    _write(organisation, values)
    if changed:
        note(organisation, "change", by=by, at=at)
    new_identity = organisation.is_verified and changed.intersection(IDENTITY) and not is_operator(by)
    if refused or new_identity:
        _resubmit(organisation, by=by, at=at)
    return organisation


@transaction.atomic
def verify_organisation(*, organisation: Organisation, by: User, at: datetime) -> Organisation:
    """An operator has checked the identity. Raises `Denied`, `WrongState`."""
    return _decide(organisation, "verify", reason="", by=by, at=at)


@transaction.atomic
def refuse_organisation(*, organisation: Organisation, reason: str, by: User, at: datetime) -> Organisation:
    """An operator could not confirm the identity and says why. Raises `Denied`, `WrongState`."""
    return _decide(organisation, "refuse", reason=reason, by=by, at=at)


def _locked(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)


def _write(organisation: Organisation, values: dict[str, Any]) -> None:
    for field in FIELDS:
        setattr(organisation, field, values[field])
    organisation.credit_code = organisation.credit_code or None
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        raise _taken(error) from None


def _taken(error: IntegrityError) -> Exception:
    if "organisation_name_unique" in str(error):
        return Taken("name", _("已有同名机构。如果这是您的机构，请联系其管理员邀请您加入。"))
    if "credit_code" in str(error):
        return Taken("credit_code", _("该统一社会信用代码已登记。如果这是您的机构，请联系其管理员邀请您加入。"))
    return error


def _resubmit(organisation: Organisation, *, by: User, at: datetime) -> None:
    organisation.decided_at = organisation.decided_by = None
    organisation.refusal_reason = ""
    step(organisation, "resubmit", by=by, at=at, changed=DECISION)
    notices.tell_waiting(organisation, at=at)


def _decide(organisation: Organisation, action: str, *, reason: str, by: User, at: datetime) -> Organisation:
    check_operator(by)
    organisation = _locked(organisation)
    organisation.decided_at, organisation.decided_by, organisation.refusal_reason = at, by, reason
    step(organisation, action, by=by, at=at, reason=reason, changed=DECISION)
    notices.tell_decided(organisation, at=at)
    return organisation
