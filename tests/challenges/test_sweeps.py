"""What the clock does to many rows: one that cannot be dealt with does not hold up the others."""

import logging

import pytest
from django.utils import timezone

from challenges.challenge import automatic
from challenges.models import Challenge
from lib.refusals import WrongState
from needs.need.actions import close_need
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory

pytestmark = pytest.mark.django_db


def test_a_fault_in_one_challenge_is_written_down_and_the_next_is_closed(monkeypatch, caplog):
    over = {"opened": True, "state": "open", "closes_at": timezone.now()}
    broken, whole = ChallengeFactory(**over), ChallengeFactory(**over)
    fail = automatic._fail

    def fault(challenge: Challenge, at: object) -> None:
        if challenge.pk == broken.pk:
            raise RuntimeError("disk full")
        fail(challenge, at)

    monkeypatch.setattr(automatic, "_fail", fault)
    with caplog.at_level(logging.ERROR):
        closed = automatic.close_due(at=timezone.now())
    assert closed == [whole]
    assert "disk full" in caplog.text
    broken.refresh_from_db()
    assert broken.state == "open"


def test_a_need_is_not_closed_by_hand_while_its_contract_runs(enterprise, buyer):
    contract = ContractFactory(signed=True, need__organisation=enterprise)
    with pytest.raises(WrongState, match="还在履行"):
        close_need(need=contract.need, reason="solved_here", by=buyer, at=timezone.now())
