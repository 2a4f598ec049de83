"""Who hears of answers and appeals."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import operators, writers_of
from accounts.notice.texts import register
from challenges.challenge.notices import tell
from challenges.models import Bid

register(
    "answer",
    {
        "declined": _("您就《%(title)s》提交的方案已得到答复，请查看原因。"),
        "dismissed": _("您对《%(title)s》的揭榜已得到答复，请查看原因。"),
        "reconsidered": _("《%(title)s》的结果因异议成立而重新评定，请等待新的答复。"),
        "overdue": _("《%(title)s》的答复期限已过，仍有揭榜方案没有得到答复，请尽快逐一答复。"),
        "appealed": _("有单位就需求《%(title)s》的答复提出申诉，等待处理。"),
        "appeal_upheld": _("您就《%(title)s》提出的申诉成立，方案将重新答复。"),
        "appeal_upheld_poser": _("就《%(title)s》提出的一项申诉成立，请重新答复这个方案。"),
        "appeal_dismissed": _("您就《%(title)s》提出的申诉经审理不成立，请查看答复。"),
    },
)


def tell_of_appeal(bid: Bid, at: datetime) -> None:
    """Operators decide it; the poser knows of it."""
    url = reverse("challenges:evaluation", args=[bid.challenge.code])
    if bid.challenge.is_first_claim:  # there is no evaluation of claims
        url = bid.get_absolute_url()
    recipients = {*operators(), *writers_of(bid.challenge.need.organisation)}
    tell(recipients, bid.challenge, "answer.appealed", at, url=url, about=str(bid.pk))
