"""What others have to know about research outputs."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lib import maturity
from solutions.output.fields import OUTPUT as FIELDS
from solutions.output.fields import clean_output
from solutions.output.models import OutputDetail, TransferMode
from solutions.solution.kind import Kind
from solutions.solution.models import Solution


def _page(solution: Solution) -> dict[str, Any]:
    output: OutputDetail = solution.output
    return {
        "output": output,
        "stage": maturity.stage_label(output.trl_min, output.trl_max),
        "transfer_modes": [TransferMode(mode).label for mode in output.transfer_modes],
    }


OUTPUT = Kind(
    code="output",
    label=_("科技成果"),
    plural=_("科技成果"),
    detail=OutputDetail,
    fields=FIELDS,
    clean=clean_output,
    urls="solutions.output.urls",
    api_urls="solutions.output.api_urls",
    list_url="solutions:list",
    own_url="solutions:mine",
    edit_url=lambda solution: reverse("solutions:edit", args=[solution.code]),
    template="solutions/output/output_detail.html",
    page=_page,
    is_for=lambda organisation: organisation.is_supply_side,
    not_for=_("您所在的机构类型不能登记成果；高校、院所、企业、服务商和个人可以登记。"),
    is_matched=True,
    facts_template="solutions/output/_facts.html",
    people=("completed_people",),
)
