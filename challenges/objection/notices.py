"""Who hears of an objection. Who objects is for operators alone."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import writers_of
from accounts.notice.texts import register
from challenges.challenge.notices import tell, tell_operators, tell_owner
from challenges.models import Objection

register(
    "objection",
    {
        "raised_operators": _("《%(title)s》的榜单在公示期收到异议，等待处理。"),
        "raised": _("《%(title)s》的榜单在公示期收到异议，平台正在处理。"),
        "upheld": _("您对《%(title)s》榜单的异议成立，请查看答复。"),
        "dismissed": _("您对《%(title)s》榜单的异议不成立，请查看答复。"),
        "decided": _("《%(title)s》榜单的异议已处理，请查看结果。"),
    },
)


def tell_raised(objection: Objection, at: datetime) -> None:
    """Operators decide it; the poser knows of it."""
    about = str(objection.pk)
    tell_operators(objection.challenge, "objection.raised_operators", at, about=about)
    tell_owner(objection.challenge, "objection.raised", at, about=about)


def tell_decided(objection: Objection, at: datetime) -> None:
    """The objector, with the answer; the poser, without."""
    challenge, about = objection.challenge, str(objection.pk)
    people, url = writers_of(objection.organisation), challenge.get_absolute_url()
    tell(people, challenge, f"objection.{objection.state}", at, url=url, about=about)
    tell_owner(challenge, "objection.decided", at, about=about)
