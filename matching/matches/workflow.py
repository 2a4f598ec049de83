"""The lifecycles of a run, of the operator's review of a match and of learnt weights; the answers of both sides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.transitions import Transition


class ReviewState(models.TextChoices):
    UNREVIEWED = "unreviewed", _("未审核")
    CONFIRMED = "confirmed", _("已确认")
    REJECTED = "rejected", _("已排除")


REVIEW_ACTIONS = {
    "confirm": Transition(frozenset({"unreviewed", "rejected"}), "confirmed", "operator"),
    "reject": Transition(frozenset({"unreviewed"}), "rejected", "operator"),
}


class BuyerAnswer(models.TextChoices):
    NONE = "", _("未反馈")
    INTERESTED = "interested", _("感兴趣")
    NOT_SUITABLE = "not_suitable", _("不合适")


class SupplierAnswer(models.TextChoices):
    NONE = "", _("未反馈")
    INTERESTED = "interested", _("愿意对接")
    NOT_NOW = "not_now", _("暂不对接")


class ReasonCode(models.TextChoices):
    """Why a match is turned down: the few reasons industry repeats (DOMAIN.md §2), so that they can teach."""

    OFF_TOPIC = "off_topic", _("方向不符")
    INDICATORS_NOT_MET = "indicators_not_met", _("指标不满足")
    TOO_EARLY = "too_early", _("成熟度不够")
    BENEFIT_UNCLEAR = "benefit_unclear", _("效益不明确")
    DESCRIPTION_UNCLEAR = "description_unclear", _("描述不清楚")
    PRICE = "price", _("价格不合适")
    REGION = "region", _("地域不便")
    RIGHTS_UNCLEAR = "rights_unclear", _("权属不清")
    ALREADY_IN_CONTACT = "already_in_contact", _("已有联系")
    OTHER = "other", _("其他")
