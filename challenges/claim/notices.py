"""Who hears of what happened to a claim: the claimant and, unlike with a sealed bid, the poser at once."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import writers_of
from accounts.notice.texts import register
from challenges.challenge.notices import tell
from challenges.models import Bid

register(
    "claim",
    {
        "queued": _("《%(title)s》已有单位先抢到；您的抢单已登记，排在第 %(number)s 位。"),
        "offered": _("您抢到了《%(title)s》，等待需求方在 %(days)s 天内确认。"),
        "offered_poser": _("《%(title)s》有单位抢单成功，请在 %(days)s 天内确认；逾期未拒绝视为确认。"),
        "refused": _("需求方未确认您对《%(title)s》的抢单，请查看原因。"),
        "accepted": _("需求方已确认您对《%(title)s》的抢单，技术合同草案已生成。"),
        "withdrawn": _("您对《%(title)s》的抢单已撤回。"),
        "answered": _("您对《%(title)s》的抢单已得到答复，请查看原因。"),
        "lapsed": _("抢到《%(title)s》的单位已不符合条件，抢单失效；如有后续抢单，已顺位通知您确认。"),
    },
)


def tell_poser(bid: Bid, key: str, at: datetime, **params: Any) -> None:
    url = bid.get_absolute_url()
    tell(writers_of(bid.challenge.need.organisation), bid.challenge, key, at, url=url, about=str(bid.pk), **params)
