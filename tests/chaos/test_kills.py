"""Killed anywhere, the engine ends where an undisturbed one does, and nobody is told twice.

A round by its seed: people change needs and outputs; a worker kills itself (kill -9) in the middle of what follows;
in some rounds the broker then forgets everything, in others the database goes away while the next worker is at it.
After that and one full rematch the matches are those of a rematch on a machine of its own that nothing happened to.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from os import environ
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Notification, Organisation, User
from matching.documents import library
from matching.documents.maintenance import check_index, reconcile
from matching.models import GRADE_ORDER, Match, MatchRun, Trigger
from matching.runs.actions import rematch_everything, start_run
from matching.runs.execution import work_off
from needs.models import Need
from needs.need.actions import (
    change_need,
    publish_needs,
    submit_needs,
    withdraw_need,
)
from solutions.models import Solution
from solutions.solution.actions import (
    change_solution,
    publish_solutions,
    submit_solutions,
    withdraw_solution,
)
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory
from tests.plugins.kill_points import POINTS

pytestmark = [pytest.mark.chaos, pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = int(environ.get("CHAOS_KILLS", "5"))  # every stage once; `make chaos` asks for more
# How often a round passes each stage at the least: a kill is planned within.
PASSES = {"tokenising": 12, "building": 4, "swapping": 4, "scoring": 8, "writing": 6}

PHRASES = [
    ["轴承钢洁净冶炼", "真空脱气与电渣重熔", "碳化物带状偏析", "接触疲劳寿命", "大颗粒夹杂物控制", "循环球化退火"],
    ["锂离子电池低温电解液", "抑制析锂", "宽温域充放电", "热失控早期预警", "固态电解质界面膜", "电压与产气监测"],
    ["电镀废水络合镍去除", "电化学氧化破络", "电沉积回收", "膜浓缩与零排放", "重金属达标排放", "树脂深度吸附"],
    ["风机叶片电热除冰", "碳纤维加热层", "覆冰检测传感器", "叶片前缘防护", "低温环境运行", "除冰能耗控制"],
]


class Platform:
    """Six published needs and thirty outputs, and what people do to them in a round."""

    def __init__(self, rng: random.Random, *, buyer: User, supplier: User, operator: User) -> None:
        self.rng, self.buyer, self.supplier, self.operator = rng, buyer, supplier, operator
        self.enterprise, self.university = (
            Organisation.objects.get(memberships__user=person) for person in (buyer, supplier)
        )
        self.needs = [self._need(published=True) for _ in range(6)]
        self.outputs = [self._output(published=True) for _ in range(30)]
        reconcile(at=timezone.now())
        rematch_everything(by=operator, at=timezone.now())
        work_off()

    def change(self) -> None:
        """Eight things people do, each with its run; the last is a rematch, whose statistics are new."""
        at = timezone.now()
        for _ in range(2):
            self.publish_output()
        edited, unlisted = self.rng.sample(self.outputs, 2)
        change_solution(solution=edited, values=self._output_text(), indicators=None, by=self.supplier, at=at)
        withdraw_solution(solution=unlisted, by=self.supplier, at=at)
        new, published = self._need(), self._need(submitted=True)
        submit_needs(needs=[new], declared=True, by=self.buyer, at=at)
        publish_needs(needs=[published], by=self.operator, at=at)
        first, second, third = self.rng.sample(self.needs, 3)
        self.edit(first)
        change_need(need=second, values={"disclosure": {"difficulty": "named"}}, indicators=None, by=self.buyer, at=at)
        withdraw_need(need=third, by=self.buyer, at=at)
        self.needs = [need for need in self.needs if need != third]
        rematch_everything(by=self.operator, at=at)

    def edit(self, need: Need) -> None:
        change_need(need=need, values=self._need_text(), indicators=None, by=self.buyer, at=timezone.now())

    def publish_output(self) -> None:
        output, at = self._output(), timezone.now()
        submit_solutions(solutions=[output], by=self.supplier, at=at)
        assert publish_solutions(solutions=[output], by=self.operator, at=timezone.now()).done

    def _need(self, **state: bool) -> Need:
        return NeedFactory(organisation=self.enterprise, **state, **self._need_text())

    def _output(self, **state: bool) -> Solution:
        return OutputFactory(organisation=self.university, **state, **self._output_text())

    def _need_text(self) -> dict[str, Any]:
        title, *rest = self._phrases()
        return {"title": title, "keywords": rest[:2], "background": "，".join(rest), "difficulty": f"{rest[0]}难以兼顾"}

    def _output_text(self) -> dict[str, Any]:
        title, *rest = self._phrases()
        return {"title": f"{title}技术", "keywords": rest[:2], "summary": "，".join([title, *rest])}

    def _phrases(self) -> list[str]:
        topic, other = self.rng.sample(PHRASES, 2)
        return [*self.rng.sample(topic, 4), self.rng.choice(other)]


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_costs_nothing(
    seed: int,
    buyer: User,
    supplier: User,
    operator: User,
    worker_process: Any,
    redis_server: Any,
    restart_database: Callable[[], None],
    eventually: Callable[..., None],
    settings: Settings,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    rng = random.Random(seed)  # noqa: S311  # a round that can be played again
    stage = POINTS[seed % len(POINTS)]
    settings.INDEX_ROOT = tmp_path / "here"
    worker_process.environment["INDEX_ROOT"] = str(tmp_path / "worker")
    platform = Platform(rng, buyer=buyer, supplier=supplier, operator=operator)
    platform.change()

    worker_process.start_and_die(at=f"{stage}:{rng.randint(1, PASSES[stage])}")
    record_property("killed at", stage)
    if stage in ("tokenising", "scoring", "writing"):
        assert MatchRun.objects.filter(state="running").exists(), "the killed worker had no chance to say anything"
    if seed % 3 == 1:
        with redis.Redis.from_url(redis_server.url) as client:
            client.flushall()
    platform.edit(rng.choice(platform.needs))  # people do not wait for workers
    platform.publish_output()
    worker_process.start()
    if seed % 3 == 2:
        with needs_held():
            _sweep()
            eventually(_somebody_waits)  # in the middle of writing
            restart_database()

    eventually(_all_ended)
    rematch_everything(by=operator, at=timezone.now())
    eventually(_all_ended)
    worker_process.stop()

    assert set(MatchRun.objects.values_list("state", flat=True)) == {"done"}
    assert listed() == undisturbed()
    _everybody_was_told_once(buyer)
    settings.INDEX_ROOT = tmp_path / "worker"
    assert check_index() == []


def _sweep() -> None:
    """The message beat sends every 30 s."""
    current_app.send_task("matching.sweep_runs", queue="default")


@contextmanager
def needs_held() -> Iterator[None]:
    """Somebody holds the rows of all needs: who writes matches waits."""
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM needs_need FOR UPDATE")
        yield
    holder.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def _all_ended() -> bool:
    if not MatchRun.objects.unfinished().exists():
        return True
    _sweep()
    return False


Listed = tuple[str, str, bool, Decimal | None, str, str]


def listed() -> set[Listed]:
    """What anybody reads in a list. A pair that only the public text finds keeps the score its poser read last."""
    matches = Match.objects.open().filter(Q(is_current=True) | ~Q(public_grade=""))
    rows = matches.values_list("need__code", "solution__code", "is_current", "score", "grade", "public_grade")
    return {
        (need, solution, is_current, score if is_current else None, grade if is_current else "", public_grade)
        for need, solution, is_current, score, grade, public_grade in rows
    }


def undisturbed() -> set[Listed]:
    """What a rematch finds on a new machine where nothing was found before and nothing goes wrong."""
    library.forget()
    with transaction.atomic():
        Match.objects.all().delete()
        rematch = start_run(trigger=Trigger.REMATCH, by=None, at=timezone.now())
        work_off()
        rematch.refresh_from_db()
        assert rematch.state == "done"
        found = listed()
        transaction.set_rollback(True)
    assert found, "the catalogue is meant to have something for the needs"
    return found


def _everybody_was_told_once(buyer: User) -> None:
    notices = Counter(Notification.objects.values_list("recipient", "event"))
    assert set(notices.values()) == {1}
    told = {run.code: run.counts["new"] for run in MatchRun.objects.whole() if run.counts["new"]}
    mine = Notification.objects.for_user(buyer).filter(event__startswith="run:", event__endswith=":buyer")
    counted = {notice.event.split(":")[1]: notice.params["count"] for notice in mine if "count" in notice.params}
    assert counted == told, "each run that found something told of it, and of just that"
    for match in Match.objects.current():
        assert GRADE_ORDER[match.told_buyer] >= GRADE_ORDER[match.grade]
        if match.need.state == "published":
            assert GRADE_ORDER[match.told_supplier] >= GRADE_ORDER[match.public_grade]
