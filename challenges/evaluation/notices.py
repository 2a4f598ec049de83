"""Who hears of the minutes and the award. No notice says who bids, who reviews or what was scored."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import writers_of
from accounts.notice.texts import register
from challenges.challenge.notices import tell
from challenges.models import Challenge

register(
    "evaluation",
    {
        "minutes": _("榜单《%(title)s》的评审纪要已形成，请核对后签署。"),
        "signed": _("榜单《%(title)s》的评审纪要已由全体评审人签署，可以定榜。"),
        "awarded": _("您就《%(title)s》提交的方案已中榜，请查看答复。"),
        "failed": _("《%(title)s》没有方案中榜，需求方将逐一答复各揭榜单位。"),
        "reopened": _("《%(title)s》的定榜结果已撤回，请重新评定。"),
        "notice_over": _("《%(title)s》的结果公示期已满，可以签订合同。"),
        "notice_over_linked": _("《%(title)s》的结果公示期已满；双方此前签订的技术合同已与中榜方案关联。"),
    },
)


def tell_poser(challenge: Challenge, key: str, at: datetime, *, about: str = "") -> None:
    """The poser's writers, with a link to the evaluation."""
    url = reverse("challenges:evaluation", args=[challenge.code])
    tell(writers_of(challenge.need.organisation), challenge, key, at, url=url, about=about)
