"""The lifecycles of a run, of the operator's review of a match and of learnt weights; the answers of both sides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.workflow import Transition


class RunState(models.TextChoices):
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("计算中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")


RUN_ACTIONS = {
    # `running` may start again: a killed worker leaves a stalled run that the sweep hands out anew.
    "start": Transition(frozenset({"queued", "running"}), "running", "system"),
    "finish": Transition(frozenset({"running"}), "done", "system"),
    "fail": Transition(frozenset({"running"}), "failed", "system"),
    "retry": Transition(frozenset({"running", "failed"}), "queued", "system"),
}


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


class ComplaintState(models.TextChoices):
    OPEN = "open", _("待受理")
    MEDIATING = "mediating", _("调解中")
    SETTLED = "settled", _("已和解")
    DISMISSED = "dismissed", _("不予支持")
    WITHDRAWN = "withdrawn", _("已撤回")


COMPLAINT_ACTIONS = {
    "take_up": Transition(frozenset({"open"}), "mediating", "operator"),
    "settle": Transition(frozenset({"mediating"}), "settled", "operator"),
    "dismiss": Transition(frozenset({"open", "mediating"}), "dismissed", "operator"),
    "withdraw": Transition(frozenset({"open", "mediating"}), "withdrawn", "complainant"),
}


class WeightingState(models.TextChoices):
    CANDIDATE = "candidate", _("待检验")
    ACTIVE = "active", _("使用中")
    RETIRED = "retired", _("已停用")
    REJECTED = "rejected", _("未采用")


WEIGHTING_ACTIONS = {
    "promote": Transition(frozenset({"candidate"}), "active", "system"),  # proven better on what was held out
    "reject": Transition(frozenset({"candidate"}), "rejected", "system"),
    "retire": Transition(frozenset({"active"}), "retired", "system"),  # a better one takes its place
    "roll_back": Transition(frozenset({"active"}), "retired", "operator"),
    "restore": Transition(frozenset({"retired"}), "active", "system"),  # the one that took its place is rolled back
}


class DuplicateState(models.TextChoices):
    OPEN = "open", _("待处理")
    DISMISSED = "dismissed", _("不是重复")


DUPLICATE_ACTIONS = {
    "dismiss": Transition(frozenset({"open"}), "dismissed", "operator"),
}
