"""Who did what to which object, when, from which state to which; and `step`, the one way a row changes its state.

Rows of the trail are written, never changed. A model with a lifecycle names it (`lifecycle`) and says what the trail
calls a row of it (`audited`), so that actions neither spell out the table nor the trail's columns:

    step(challenge, "award", by=by, at=at, changed=["awarded_at", "award_reason"])
    note(challenge, "extend_refused", by=by, at=at, reason=reason)
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, models
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.person.models import User
from lib.transitions import Lifecycle, next_state, not_in_this_state


class AuditEvent(models.Model):
    at = models.DateTimeField(_("时间"), default=timezone.now)
    # Empty when the platform itself acted (a sweep, a run).
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    action = models.CharField(_("操作"), max_length=60)  # "need.publish"
    # A label and a public code, not a foreign key: accounts knows no business object.
    object_code = models.CharField(_("编号"), max_length=20)
    object_label = models.CharField(_("对象"), max_length=200)
    from_state = models.CharField(_("原状态"), max_length=20, blank=True)
    to_state = models.CharField(_("新状态"), max_length=20, blank=True)
    reason = models.TextField(_("理由"), blank=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        indexes = [models.Index(fields=["object_code", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_code}"


class Audited(Protocol):
    """A row whose steps are kept in the trail: a model with a lifecycle."""

    pk: Any

    @property
    def lifecycle(self) -> Lifecycle:
        """Of the model; on the class."""
        ...

    @property
    def audited(self) -> tuple[str, str]:
        """The public code under which the trail keeps what happened to this row, and what it is called there."""
        ...


def check_step(row: Audited, action: str) -> str:
    """The state `action` would lead to. Raises `WrongState` when the table forbids it; nothing is written."""
    lifecycle = row.lifecycle
    return next_state(table=lifecycle.table, action=action, state=getattr(row, lifecycle.field))


def step(
    row: Audited,
    action: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    changed: Iterable[str] = (),
    signal: Signal | None = None,
    **told: Any,
) -> None:
    """Take one step of the row's table: write the new state and the fields `changed`, one audit row, one signal.

    The caller runs in a transaction, has locked the row, checked everything, and set the fields named by `changed` on
    `row`. The new state is written only where the database still holds the state the row was read with, so a row that
    was read without a lock cannot overwrite somebody else's step: that, like a step the table forbids, is
    `WrongState`. `by` is None when the platform acts by itself. `signal` is sent last, with `by`, `at` and `told`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A step is taken inside a transaction that holds the row's lock.")
    field = row.lifecycle.field
    before, target = getattr(row, field), check_step(row, action)
    setattr(row, field, target)
    model = type(row)
    values = {name: getattr(row, name) for name in {field, *changed}}
    if not model._base_manager.filter(pk=row.pk, **{field: before}).update(**values):  # type: ignore[attr-defined]
        setattr(row, field, before)
        raise not_in_this_state()
    note(row, action, by=by, at=at, reason=reason, from_state=before, to_state=target)
    if signal is not None:
        signal.send(sender=model, by=by, at=at, **told)


def note(
    row: Audited,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    from_state: str = "",
    to_state: str | None = None,
) -> None:
    """One audit row about `row`, for what is no step of its table. `to_state` is the row's state when not given."""
    code, label = row.audited
    record(
        action=row.lifecycle.audited_as.format(verb),
        code=code,
        label=label,
        by=by,
        at=at,
        from_state=from_state,
        to_state=getattr(row, row.lifecycle.field) if to_state is None else to_state,
        reason=reason,
    )


def record(
    *,
    action: str,
    code: str,
    label: str,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
) -> None:
    """Write one audit row inside the caller's transaction. `action` reads `noun.verb`, e.g. `need.publish`."""
    AuditEvent.objects.create(
        action=action,
        object_code=code,
        object_label=label[:200],
        by=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
    )
