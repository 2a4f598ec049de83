"""Answers what is asked below: a need whose contract is not at its end is neither closed nor does it expire."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from contracts.models import Contract
from needs.signals import Hold, needs_held


@receiver(needs_held)
def hold_contracted_needs(*, step: str, **_kwargs: Any) -> Hold | None:
    """A draft does not keep the owner from closing a need, but the clock."""
    unfinished = Contract.objects.unfinished()
    contracts = {"close": unfinished.binding(), "expire": unfinished}.get(step)
    if contracts is None:
        return None
    return Hold(contracts.values("need"), _("这项需求的技术合同还在履行，合同办结后再关闭需求。"))
