"""Who is told what about the verification of an organisation."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.notice.actions import notify, operators, writers_of
from accounts.notice.texts import register

register(
    "organisation",
    {  # one for each state of the verification
        "pending": _("%(organisation)s等待机构核验。"),
        "verified": _("%(organisation)s已通过机构核验，现在可以提交需求和成果。"),
        "refused": _("%(organisation)s未通过机构核验，请按说明修改后重新提交。"),
    },
)


def tell_waiting(organisation: Organisation, *, at: datetime) -> None:
    """Operators: there is one more to verify."""
    url = reverse("accounts:verification-decide", args=[organisation.code])
    _tell(organisation, operators(), url=url, at=at)


def tell_decided(organisation: Organisation, *, at: datetime) -> None:
    """Those who write for the organisation: how it was decided."""
    _tell(organisation, writers_of(organisation), url=organisation.get_absolute_url(), at=at)


def _tell(organisation: Organisation, recipients: list[User], *, url: str, at: datetime) -> None:
    notify(
        recipients=recipients,
        event=f"organisation:{organisation.code}:{organisation.state}:{at.isoformat()}",
        key=f"organisation.{organisation.state}",
        params={"organisation": organisation.name},
        url=url,
        at=at,
    )
