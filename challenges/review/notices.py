"""What reviewers hear, and what the poser hears of them. No notice says who bids, who reviews or what was scored."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.notice.texts import register
from challenges.challenge.notices import tell
from challenges.models import Reviewer

register(
    "review",
    {
        "assigned": _("您受邀评审榜单《%(title)s》，请先声明有无利益冲突。"),
        "recused": _("榜单《%(title)s》的一位评审人已回避，请另行指派。"),
        "removed": _("您不再担任榜单《%(title)s》的评审人。"),
        "scored": _("榜单《%(title)s》的评分已全部提交，可以形成评审纪要。"),
    },
)


def tell_reviewer(reviewer: Reviewer, key: str, at: datetime) -> None:
    url = reverse("challenges:review", args=[reviewer.challenge.code])
    tell([reviewer.user], reviewer.challenge, key, at, url=url, about=str(reviewer.pk))
