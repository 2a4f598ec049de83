"""Where a match stands: what happened when, and whose turn it is, in the words of the person who looks."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from matching.matches import queries
from matching.matches.permissions import is_buyer, is_supplier
from matching.matches.workflow import BuyerAnswer, ReviewState, SupplierAnswer
from matching.models import Match
from needs.disclosure.permissions import is_insider
from needs.need.workflow import NeedState


@dataclass(frozen=True, slots=True)
class Step:
    """One line of _components/timeline.html."""

    label: str
    at: datetime | None
    by: str = ""
    note: str = ""


def steps(match: Match, *, viewer: Viewer) -> list[Step]:
    """What happened in its order, then what has not happened yet. A supplier reads what concerns it."""
    full = is_insider(viewer, match.need)
    shown = [Step(_("需求发布"), match.need.published_at)]
    if full:
        shown = [Step(_("需求提交"), match.need.submitted_at), *shown, Step(_("系统找到此匹配"), match.created_at)]
    if match.review == ReviewState.REJECTED:
        shown.append(Step(_("运营人员排除"), match.reviewed_at, note=match.get_reject_reason_display()))
    else:
        shown.append(Step(_("运营人员确认，邀请双方"), match.confirmed_at, note=_first(match) if full else ""))
    if full or match.review == ReviewState.CONFIRMED:
        shown += [_buyer_step(match, tells_reason=full), _supplier_step(match)]
    shown.append(Step(_("首次接触：双方均有意向"), match.contacted_at))
    done = [step for step in shown if step.at is not None]
    return sorted(done, key=lambda step: step.at or match.created_at) + [step for step in shown if step.at is None]


def _first(match: Match) -> str:
    """Whether the need's first qualified candidate is this one."""
    first = queries.steps_of(match.need).first_candidate_at
    return _("这是该需求的首个合格候选") if first is not None and first == match.confirmed_at else ""


def _buyer_step(match: Match, *, tells_reason: bool) -> Step:
    """Why something does not suit may be a matter of what the need hides: the other side reads the answer alone."""
    label = _("企业反馈")
    if match.buyer_answer:
        label = _("企业：%(answer)s") % {"answer": match.get_buyer_answer_display()}
    note = match.get_buyer_reason_display() if match.buyer_reason and tells_reason else ""
    return Step(label, match.buyer_answered_at, note=note)


def _supplier_step(match: Match) -> Step:
    label = _("成果方答复")
    if match.supplier_answer:
        label = _("成果方：%(answer)s") % {"answer": match.get_supplier_answer_display()}
    return Step(label, match.supplier_answered_at)


def next_step(match: Match, *, viewer: Viewer) -> str:
    """One sentence: what waits for this viewer, or for whom it waits."""
    if match.contacted_at is not None:
        return _("双方均有意向，已可直接联系。请在下方查看联系方式，并把进展告知服务专员。")
    if match.review == ReviewState.REJECTED:
        return _("运营人员已排除这个匹配，双方都不再看到它。如有误，可以重新确认。")
    if not match.need.is_matched:
        return _("需求已关闭或撤回，这个匹配只供查阅。")
    if is_buyer(viewer, match):
        return _buyer_turn(match)
    if is_supplier(viewer, match):
        return _supplier_turn(match)
    return _operator_step(match)


def _operator_step(match: Match) -> str:
    if match.review == ReviewState.UNREVIEWED:
        if match.need.state == NeedState.SUBMITTED:
            return _("需求还在审核中：先发布需求，再确认匹配。")
        return _("等待运营人员审核：确认后双方收到邀请；排除需要选择原因。")
    waiting = []
    if match.buyer_answer != BuyerAnswer.INTERESTED:
        waiting.append(_("企业"))
    if match.supplier_answer != SupplierAnswer.INTERESTED:
        waiting.append(_("成果方"))
    return _("已邀请双方，等待%(who)s表明意向。") % {"who": _("、").join(waiting)}


def _buyer_turn(match: Match) -> str:
    if match.buyer_answer == BuyerAnswer.NOT_SUITABLE:
        return _("您已标记为不合适。如果情况有变，可以改为感兴趣。")
    if match.review == ReviewState.UNREVIEWED:
        if match.buyer_answer == BuyerAnswer.INTERESTED:
            return _("您已表示感兴趣。运营人员审核确认后会邀请对方答复。")
        return _("系统给出的候选，尚未经人工审核。您可以先标记是否感兴趣，供运营人员参考。")
    if match.buyer_answer == BuyerAnswer.NONE:
        return _("运营人员已确认这个候选并邀请了对方。请确认您是否感兴趣。")
    if match.supplier_answer == SupplierAnswer.NOT_NOW:
        return _("对方答复暂不对接。您可以看看其他候选。")
    return _("您已表示感兴趣，等待对方答复。双方都同意后，联系方式会在此互相开放。")


def _supplier_turn(match: Match) -> str:
    if match.review == ReviewState.UNREVIEWED:
        return _("系统认为您的成果可能适合这项需求，尚未经人工审核。运营人员确认后会正式邀请您答复。")
    if match.supplier_answer == SupplierAnswer.NONE:
        return _("平台邀请您对接这项需求。请答复是否愿意对接。")
    if match.supplier_answer == SupplierAnswer.NOT_NOW:
        return _("您已答复暂不对接。如果情况有变，可以改为愿意对接。")
    if match.buyer_answer == BuyerAnswer.NOT_SUITABLE:
        return _("企业认为暂不合适，原因见右侧记录。感谢您的答复。")
    return _("您已表示愿意对接，等待企业确认。双方都同意后，联系方式会在此互相开放。")
