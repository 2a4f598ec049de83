"""What the tests of bids share: a complete content, and a form as a browser sends it."""

from typing import Any

from accounts.models import Organisation
from challenges.bid.asked import asked_for
from challenges.models import Bid, Challenge

PLAN = [{"title": "中试验证", "month": 6, "deliverable": "中试样件与检测报告"}]


def content(challenge: Challenge, organisation: Organisation, **changed: Any) -> dict[str, Any]:
    """Values for `save_bid` or `claim` that lack nothing."""
    values = {
        "approach": "真空脱气与电渣重熔联合控制夹杂物。",
        "team": "示例课题组十二人。",
        "experts": ["示例专家甲"],
        "months": 12,
        "price": 80,
        "ip_proposal": "双方共有。",
        "unaffiliated": True,
        "plan": [dict(step) for step in PLAN],
        "indicator_answers": [
            {"indicator": row.pk, "meets": "yes", "value": row.requirement, "how": "以第三方检测报告证明。"}
            for row in asked_for(organisation, challenge.need).shown
        ],
    }
    return {**values, **changed}


def sheet(challenge: Challenge, organisation: Organisation, **changed: Any) -> dict[str, Any]:
    """The form of a bid or a claim, complete; a field given as None is left out."""
    data: dict[str, Any] = {
        "approach": "真空脱气与电渣重熔联合控制夹杂物。",
        "team": "示例课题组十二人。",
        "experts": "示例专家甲、示例专家乙",
        "months": "１２",
        "price": "80.5",
        "ip_proposal": "双方共有。",
        "unaffiliated": "on",
        "plan-TOTAL_FORMS": "2",
        "plan-INITIAL_FORMS": "0",
        "plan-0-title": "中试验证",
        "plan-0-month": "6",
        "plan-0-deliverable": "中试样件",
        "plan-1-title": "",
        "plan-1-month": "",
        "plan-1-deliverable": "",
        "intent": "save",
    }
    for row in asked_for(organisation, challenge.need).shown:
        data |= {
            f"answer-{row.pk}-meets": "yes",
            f"answer-{row.pk}-value": row.requirement,
            f"answer-{row.pk}-how": "以第三方检测报告证明。",
        }
    return {name: value for name, value in {**data, **changed}.items() if value is not None}


def said(bid: Bid) -> str:
    """What the version that counts says it will do."""
    return str(bid.versions.handed_in().latest("number").approach)
