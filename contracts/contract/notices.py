"""The notices of all rooms of this package, and to whom they go: each once, in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import notify, writers_of
from accounts.notice.texts import register
from contracts.models import Contract, Side

BOTH = (Side.BUYER, Side.SUPPLIER)

register(
    "contract",
    {
        "drafted": _("需求《%(title)s》已生成技术合同草案，请双方补全条款后确认。"),
        "discarded": _("定榜结果已撤回，需求《%(title)s》的技术合同草案随之作废。"),
        "changed_by_other": _("需求《%(title)s》的技术合同草案已由对方修改，请核对。"),
        "confirmation_void": _("需求《%(title)s》的技术合同草案已修改，原有确认作废，请双方核对后重新确认。"),
        "confirmed": _("对方已确认需求《%(title)s》的技术合同，请核对后确认；双方确认后合同生效。"),
        "signed": _("需求《%(title)s》的技术合同经双方确认，已经签订。"),
        "funded": _("需求《%(title)s》的财政资助立项已登记。"),
        "terminated": _("需求《%(title)s》的技术合同已终止，原因见合同页面。"),
        "paid": _("需求《%(title)s》的技术合同新登记了一笔付款，请核对。"),
        "accepted": _("需求《%(title)s》的技术合同已通过验收；问题是否解决，请需求方填写成效后确认。"),
        "rejected": _("需求《%(title)s》的技术合同验收不通过，原因见合同页面。"),
        "resumed": _("需求《%(title)s》的技术合同恢复履行，整改后可以再次验收。"),
        "milestone_delivered": _("需求《%(title)s》的里程碑“%(milestone)s”已交付，请验收。"),
        "milestone_accepted": _("需求《%(title)s》的里程碑“%(milestone)s”已通过。"),
        "milestone_returned": _("需求《%(title)s》的里程碑“%(milestone)s”被退回，请按意见整改后重新交付。"),
        "milestone_overdue": _("需求《%(title)s》的里程碑“%(milestone)s”已过到期日，请尽快交付或与对方商定。"),
        "solved": _("需求方已确认问题解决：需求《%(title)s》。请双方互相评价，也可以一起发布成功案例。"),
        "rated": _("需求《%(title)s》的合同双方都已评价，现在可以查看。"),
        "rated_first": _("对方已评价需求《%(title)s》的合作；您方评价之后，双方的评价同时显示。"),
        "case_written": _("对方撰写或修改了需求《%(title)s》的成功案例，请过目；双方都同意后公开。"),
        "case_approved": _("对方已同意公开需求《%(title)s》的成功案例，请过目后决定。"),
        "case_published": _("需求《%(title)s》的成功案例经双方同意，已经公开。"),
        "case_withdrawn": _("对方已撤下需求《%(title)s》的成功案例。"),
    },
)


def other(side: Side) -> Side:
    return Side.SUPPLIER if side == Side.BUYER else Side.BUYER


def tell_sides(
    contract: Contract,
    sides: Iterable[Side],
    name: str,
    at: datetime,
    *,
    about: str = "",
    url: str = "",
    **params: Any,
) -> None:
    """Send the text "contract.`name`" to the writers of `sides`.

    Every text has %(title)s, the need's title, and what `params` adds. `about` tells apart what happens to several rows
    of one contract in one moment.
    """
    organisations = {Side.BUYER: contract.need.organisation, Side.SUPPLIER: contract.supplier}
    for side in sides:
        notify(
            recipients=writers_of(organisations[side]),
            event=f"contract:{contract.pk}:{about}{name}:{at:%Y%m%d%H%M%S%f}",
            key=f"contract.{name}",
            params={"title": contract.need.title, **params},
            url=url or contract.get_absolute_url(),
            at=at,
        )
