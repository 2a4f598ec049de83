"""Who hears of accepted and revoked agreements and of being named. Nothing restricted is ever told."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.notice.actions import notify, writers_of
from accounts.notice.texts import register
from needs.models import NdaAcceptance, Need

register(
    "disclosure",
    {
        "nda_accepted": _("%(organisation)s就需求《%(title)s》签署了保密协议。"),
        "nda_revoked_by_poser": _("需求《%(title)s》的提出方解除了与%(organisation)s的保密协议。"),
        "nda_revoked": _("%(organisation)s解除了就需求《%(title)s》签署的保密协议。"),
        "named": _("需求《%(title)s》的提出方指定贵机构查阅更多内容，请签署保密协议后查看。"),
    },
)


def tell_poser_accepted(acceptance: NdaAcceptance, at: datetime) -> None:
    need = acceptance.need
    notify(
        recipients=writers_of(need.organisation),
        event=f"nda:{acceptance.pk}:accepted",
        key="disclosure.nda_accepted",
        params={"organisation": acceptance.organisation.name, "title": need.title},
        url=reverse("needs:disclosure", args=[need.code]),
        at=at,
    )


def tell_revoked(acceptance: NdaAcceptance, *, by_poser: bool, at: datetime) -> None:
    """The other side hears of it; the reason stands on the record."""
    need, organisation = acceptance.need, acceptance.organisation
    notify(
        recipients=writers_of(organisation if by_poser else need.organisation),
        event=f"nda:{acceptance.pk}:revoked",
        key="disclosure.nda_revoked_by_poser" if by_poser else "disclosure.nda_revoked",
        params={"organisation": organisation.name, "title": need.title},
        url=reverse("needs:nda" if by_poser else "needs:disclosure", args=[need.code]),
        at=at,
    )


def tell_named(need: Need, organisation: Organisation, at: datetime) -> None:
    notify(
        recipients=writers_of(organisation),
        event=f"need:{need.pk}:named:{organisation.pk}:{at:%Y%m%d%H%M%S%f}",
        key="disclosure.named",
        params={"title": need.title},
        url=reverse("needs:nda", args=[need.code]),
        at=at,
    )
