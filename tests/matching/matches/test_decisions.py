"""What people decide of a match, through the domain alone."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Organisation, User
from accounts.permissions import Denied
from lib.refusals import WrongState
from matching.matches.actions import (
    ReasonMissing,
    answer_as_buyer,
    answer_as_supplier,
    confirm_match,
    reject_match,
)
from matching.models import Match
from matching.signals import match_answered, match_reviewed
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(enterprise: Organisation, university: Organisation) -> dict[str, Any]:
    return {
        "need": NeedFactory(published=True, organisation=enterprise),
        "solution": OutputFactory(published=True, organisation=university),
    }


def now():
    return timezone.now()


def test_confirming_invites_both_sides_once(pair: dict, operator: User, buyer: User, supplier: User) -> None:
    match = confirm_match(match=MatchFactory(**pair), by=operator, at=now())
    assert (match.review, match.reviewed_by) == ("confirmed", operator)
    assert match.confirmed_at is not None
    told = Notification.objects.values_list("recipient", flat=True)
    assert sorted(told) == sorted([buyer.pk, supplier.pk])


def test_what_is_confirmed_cannot_be_confirmed_again(pair: dict, operator: User) -> None:
    match = MatchFactory(confirmed=True, **pair)
    with pytest.raises(WrongState):
        confirm_match(match=match, by=operator, at=now())


def test_a_rejected_match_may_be_confirmed_after_all(pair: dict, operator: User) -> None:
    match = confirm_match(match=MatchFactory(rejected=True, **pair), by=operator, at=now())
    assert (match.review, match.reject_reason) == ("confirmed", "")


def test_a_match_of_a_need_in_review_cannot_be_confirmed(pair: dict, operator: User) -> None:
    pair["need"] = NeedFactory(submitted=True)
    with pytest.raises(WrongState, match="需求尚未发布"):
        confirm_match(match=MatchFactory(**pair), by=operator, at=now())


def test_a_match_of_a_withdrawn_output_cannot_be_confirmed(pair: dict, operator: User) -> None:
    match = MatchFactory(**pair)
    match.solution.state = "withdrawn"
    match.solution.save()
    with pytest.raises(WrongState, match="不再公开"):
        confirm_match(match=match, by=operator, at=now())


@pytest.mark.parametrize("reason", ["", "because"])
def test_rejecting_needs_one_of_the_reasons(pair: dict, operator: User, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        reject_match(match=MatchFactory(**pair), reason=reason, by=operator, at=now())
    assert Match.objects.get().review == "unreviewed"


def test_a_confirmed_match_cannot_be_rejected(pair: dict, operator: User) -> None:
    with pytest.raises(WrongState):
        reject_match(match=MatchFactory(confirmed=True, **pair), reason="price", by=operator, at=now())


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider"])
def test_only_operators_review(pair: dict, person: str, request: pytest.FixtureRequest) -> None:
    somebody = request.getfixturevalue(person)
    with pytest.raises(Denied):
        confirm_match(match=MatchFactory(**pair), by=somebody, at=now())
    with pytest.raises(Denied):
        reject_match(match=Match.objects.get(), reason="price", by=somebody, at=now())


def test_reviewing_is_written_down_and_said(pair: dict, operator: User) -> None:
    heard = []

    def listen(**said: Any) -> None:
        heard.append((said["match"].review, said["by"]))

    match_reviewed.connect(listen)
    try:
        match = reject_match(match=MatchFactory(**pair), reason="too_early", by=operator, at=now())
    finally:
        match_reviewed.disconnect(listen)
    assert heard == [("rejected", operator)]
    event = AuditEvent.objects.get(object_code=match.code)
    assert (event.action, event.from_state, event.to_state, event.reason) == (
        "match.reject",
        "unreviewed",
        "rejected",
        "too_early",
    )


def test_the_poser_answers_and_may_change_its_mind(pair: dict, buyer: User) -> None:
    match = MatchFactory(**pair)
    answer_as_buyer(match=match, answer="not_suitable", reason="price", by=buyer, at=now())
    match = answer_as_buyer(match=match, answer="interested", by=buyer, at=now())
    assert (match.buyer_answer, match.buyer_reason, match.buyer_answered_by) == ("interested", "", buyer)


def test_not_suitable_needs_a_reason(pair: dict, buyer: User) -> None:
    with pytest.raises(ReasonMissing):
        answer_as_buyer(match=MatchFactory(**pair), answer="not_suitable", by=buyer, at=now())


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_only_the_two_answers_exist(pair: dict, buyer: User, supplier: User, answer: str) -> None:
    match = MatchFactory(confirmed=True, **pair)
    with pytest.raises(WrongState):
        answer_as_buyer(match=match, answer=answer, by=buyer, at=now())
    with pytest.raises(WrongState):
        answer_as_supplier(match=match, answer=answer, by=supplier, at=now())


def test_the_same_answer_twice_is_one_answer(pair: dict, buyer: User, supplier: User) -> None:
    match = MatchFactory(confirmed=True, **pair)
    heard = []

    def listen(**said: Any) -> None:
        heard.append(said["side"])

    match_answered.connect(listen)
    try:
        for _time in range(2):
            answer_as_buyer(match=match, answer="interested", by=buyer, at=now())
        for _time in range(2):
            answer_as_supplier(match=match, answer="interested", by=supplier, at=now())
    finally:
        match_answered.disconnect(listen)
    assert heard == ["buyer", "supplier"]
    assert AuditEvent.objects.filter(action__startswith="match.").count() == 2  # beside the follow-up it opens


@pytest.mark.parametrize(
    "order",
    [("operator", "buyer", "supplier"), ("operator", "supplier", "buyer"), ("buyer", "operator", "supplier")],
    ids="-".join,
)
def test_contact_begins_with_the_last_of_three_yeses(
    pair: dict, operator: User, buyer: User, supplier: User, order: tuple[str, ...]
) -> None:
    match = MatchFactory(**pair)
    verbs = {
        "operator": lambda: confirm_match(match=match, by=operator, at=now()),
        "buyer": lambda: answer_as_buyer(match=match, answer="interested", by=buyer, at=now()),
        "supplier": lambda: answer_as_supplier(match=match, answer="interested", by=supplier, at=now()),
    }
    for person in order:
        match.refresh_from_db()
        assert match.contacted_at is None
        verbs[person]()
    match.refresh_from_db()
    assert match.contacted_at is not None
    contact = Notification.objects.filter(event=f"match:{match.code}:contact")
    assert {notice.recipient for notice in contact} == {buyer, supplier, match.need.caretaker}


def test_after_contact_answers_stand(pair: dict, buyer: User, supplier: User) -> None:
    match = MatchFactory(in_contact=True, **pair)
    with pytest.raises(WrongState, match="已开始对接"):
        answer_as_buyer(match=match, answer="not_suitable", reason="price", by=buyer, at=now())
    with pytest.raises(WrongState, match="已开始对接"):
        answer_as_supplier(match=match, answer="not_now", by=supplier, at=now())


def test_nobody_answers_a_rejected_match_or_a_closed_need(pair: dict, buyer: User, supplier: User) -> None:
    rejected = MatchFactory(rejected=True, **pair)
    with pytest.raises(WrongState, match="已被排除"):
        answer_as_supplier(match=rejected, answer="interested", by=supplier, at=now())
    closed = MatchFactory(
        need=NeedFactory(closed=True, organisation=pair["need"].organisation), solution=pair["solution"]
    )
    with pytest.raises(WrongState, match="已关闭"):
        answer_as_buyer(match=closed, answer="interested", by=buyer, at=now())


def test_a_supplier_answers_an_invitation_and_nothing_before_it(pair: dict, supplier: User) -> None:
    with pytest.raises(WrongState, match="尚未经运营方确认"):
        answer_as_supplier(match=MatchFactory(**pair), answer="interested", by=supplier, at=now())


@pytest.mark.parametrize("side", ["need", "solution"])
def test_nobody_is_invited_to_an_organisation_that_was_refused(pair: dict, operator: User, side: str) -> None:
    organisation = pair[side].organisation
    organisation.state, organisation.refusal_reason = "refused", "资料与登记信息不一致"
    organisation.save()
    with pytest.raises(Denied):
        confirm_match(match=MatchFactory(**pair), by=operator, at=now())


@pytest.mark.parametrize("person", ["colleague", "supplier", "operator", "outsider"])
def test_only_the_posers_writers_answer_for_it(pair: dict, person: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied):
        answer_as_buyer(match=MatchFactory(**pair), answer="interested", by=request.getfixturevalue(person), at=now())


@pytest.mark.parametrize("person", ["buyer", "operator", "outsider"])
def test_only_the_suppliers_writers_answer_for_it(pair: dict, person: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied):
        answer_as_supplier(
            match=MatchFactory(confirmed=True, **pair),
            answer="interested",
            by=request.getfixturevalue(person),
            at=now(),
        )
