"""A run from its cause to its notices."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Notification, Organisation, User
from matching.documents.maintenance import reconcile
from matching.matches import notices
from matching.models import GRADE_ORDER, Match, MatchRun, StoredDocument, Trigger
from matching.runs import actions, pairing, writing
from matching.runs import execution as runs
from matching.runs.actions import start_run
from matching.runs.execution import execute_run, work_off
from needs.models import Need
from needs.signals import needs_changed, needs_unlisted
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs are worked off by hand here; the nudges that would have been sent are counted."""
    sent: list[str] = []
    monkeypatch.setattr(actions, "nudge", lambda: sent.append("nudge"))
    return sent


@pytest.fixture
def need(enterprise: Organisation, buyer: User) -> Need:
    need = NeedFactory(submitted=True, organisation=enterprise, title="风电主轴轴承钢接触疲劳寿命提升")
    NeedIndicatorFactory(need=need)
    return need


def submit(need: Need, trigger: Trigger = Trigger.NEED_SUBMITTED) -> MatchRun:
    """A run over a catalogue whose documents are in place, as they are once every output was published."""
    reconcile(at=timezone.now())
    run = start_run(trigger=trigger, needs=[need], by=None, at=timezone.now())
    work_off()
    run.refresh_from_db()
    return run


def other_outputs() -> None:
    OutputFactory(
        published=True,
        title="猪场粪污厌氧发酵与沼液还田技术",
        summary="以中温厌氧消化处理养殖粪污，沼液经膜浓缩后作为液体肥还田，沼气用于发电。",
        keywords=["厌氧发酵", "粪污"],
        technical_field="农业环境",
    )
    OutputFactory(
        published=True,
        title="面向古籍的文字识别模型",
        summary="以小样本学习识别古籍异体字，并给出版面结构。",
        keywords=["古籍", "文字识别"],
        technical_field="人工智能",
    )


def test_a_submitted_need_finds_the_output_that_fits_and_leaves_the_others(need: Need) -> None:
    fitting = OutputFactory(published=True, title="高温轴承钢洁净冶炼与碳化物细化技术")
    SolutionIndicatorFactory(solution=fitting)
    other_outputs()

    run = submit(need)

    assert (run.state, run.progress) == ("done", 100)
    assert [match.solution for match in need.matches.current()] == [fitting]
    assert run.counts["matches"] == 1
    assert set(run.timings) >= {"reading", "retrieving", "scoring", "writing"}


def test_the_parts_of_a_match_add_up_to_its_score(need: Need) -> None:
    OutputFactory(published=True)
    submit(need)
    match = need.matches.get()
    assert sum(Decimal(part["points"]) for part in match.explanation["parts"].values()) == match.score


def test_a_draft_output_is_no_candidate(need: Need) -> None:
    OutputFactory()
    submit(need)
    assert not need.matches.exists()


def test_an_organisations_own_output_is_no_candidate_for_its_need(need: Need, enterprise: Organisation) -> None:
    OutputFactory(published=True, organisation=enterprise)
    submit(need)
    assert not need.matches.exists()


def test_a_published_output_is_scored_against_the_open_needs(need: Need) -> None:
    submit(need)
    output = OutputFactory(published=True)
    start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert need.matches.current().get().solution == output


def test_an_edited_output_stays_with_needs_that_list_it_however_many_are_nearer(
    enterprise: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "REVERSE_CANDIDATES", 2)
    for hidden in ({}, {"background": "named"}):
        NeedFactory.create_batch(3, published=True, organisation=enterprise, disclosure=hidden)
    output = OutputFactory(published=True)
    reconcile(at=timezone.now())
    start_run(trigger=Trigger.REMATCH, by=None, at=timezone.now())
    work_off()
    assert output.matches.current().exclude(public_grade="").count() == 6
    output.summary += "补充说明。"
    output.save()
    run = start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert output.matches.filter(run=run).current().exclude(public_grade="").count() == 6
    output.title, output.summary, output.keywords = "古籍异体字识别", "小样本学习识别残损文字。", ["古籍"]
    output.innovations, output.technical_field = [], ""
    output.save()
    start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert not output.matches.listed().exists(), "what no longer fits leaves every list"


def test_an_output_listed_while_it_is_scored_is_compared_with_that_need_too(
    enterprise: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that read the output as it was before an edit has written meanwhile."""
    monkeypatch.setattr(pairing, "REVERSE_CANDIDATES", 1)
    near, far = NeedFactory.create_batch(2, published=True, organisation=enterprise)
    far.title, far.background, far.keywords = "古籍异体字识别", "小样本学习识别残损文字。", ["古籍"]
    far.save()
    output = OutputFactory(published=True)
    reconcile(at=timezone.now())
    write = runs.write_matches_of_solution

    def listed_meanwhile(*args: Any, **options: Any) -> int | None:
        if not Match.objects.filter(need=far).exists():
            MatchFactory(need=far, solution=output)
        return write(*args, **options)

    monkeypatch.setattr(runs, "write_matches_of_solution", listed_meanwhile)
    start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert [match.need for match in output.matches.listed()] == [near]


def test_a_pair_has_the_same_score_from_either_side(need: Need) -> None:
    other_outputs()
    output = OutputFactory(published=True)
    submit(need)
    forward = need.matches.get(solution=output).score
    Match.objects.all().delete()
    start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert need.matches.get(solution=output).score == forward


def test_a_candidate_that_no_longer_fits_is_no_longer_current(need: Need) -> None:
    output = OutputFactory(published=True)
    submit(need)
    output.title = "猪场粪污厌氧发酵与沼液还田技术"
    output.summary = "以中温厌氧消化处理养殖粪污。"
    output.keywords = ["粪污"]
    output.technical_field = "农业环境"
    output.save()
    start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert not need.matches.current().exists()


def test_a_rematch_covers_every_open_need_and_ends_with_its_last_share(need: Need, operator: User) -> None:
    other = NeedFactory(published=True)
    OutputFactory(published=True)
    run = start_run(trigger=Trigger.REMATCH, by=operator, at=timezone.now())
    work_off()
    run.refresh_from_db()
    assert (run.state, run.counts["needs"], run.counts["matches"]) == ("done", 2, 2)
    assert not MatchRun.objects.unfinished().exists()
    assert {match.need for match in Match.objects.current()} == {need, other}


def test_the_poser_is_told_once_and_not_again_when_nothing_is_new(need: Need, buyer: User) -> None:
    OutputFactory(published=True)
    submit(need)
    submit(need, Trigger.NEED_CHANGED)
    assert Notification.objects.for_user(buyer).count() == 1


def test_the_poser_is_told_again_when_a_grade_rises_above_any_told_before(need: Need, buyer: User) -> None:
    OutputFactory(published=True)
    submit(need)
    Match.objects.update(told_buyer="fair", grade="fair")
    submit(need, Trigger.NEED_CHANGED)
    match = need.matches.get()
    expected = 2 if match.grade in ("good", "high") else 1
    assert match.grade in ("good", "high"), "the factories' pair is meant to fit well"
    assert Notification.objects.for_user(buyer).count() == expected


def test_suppliers_hear_of_a_need_only_once_it_is_published(
    need: Need, supplier: User, university: Organisation
) -> None:
    OutputFactory(published=True, organisation=university)
    submit(need)
    assert not Notification.objects.for_user(supplier).exists()
    Need.objects.filter(pk=need.pk).update(state="published", published_at=timezone.now(), reviewed_at=timezone.now())
    submit(need, Trigger.NEED_PUBLISHED)
    assert Notification.objects.for_user(supplier).count() == 1


def test_a_need_published_while_a_run_tells_is_told_of_by_its_own_run(
    need: Need, supplier: User, university: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    OutputFactory(published=True, organisation=university)
    telling_suppliers = notices._tell_suppliers

    def published_meanwhile(*args: Any, **options: Any) -> None:
        telling_suppliers(*args, **options)
        now = timezone.now()
        Need.objects.filter(pk=need.pk).update(state="published", published_at=now, reviewed_at=now)

    monkeypatch.setattr(notices, "_tell_suppliers", published_meanwhile)
    submit(need)
    assert not Notification.objects.for_user(supplier).exists()
    submit(need, Trigger.NEED_PUBLISHED)
    assert Notification.objects.for_user(supplier).count() == 1


def test_a_person_who_switched_recommendations_off_is_not_told(
    need: Need, supplier: User, university: Organisation
) -> None:
    supplier.wants_recommendations = False
    supplier.save()
    OutputFactory(published=True, organisation=university)
    Need.objects.filter(pk=need.pk).update(state="published", published_at=timezone.now(), reviewed_at=timezone.now())
    submit(need, Trigger.NEED_PUBLISHED)
    assert not Notification.objects.for_user(supplier).exists()


def test_many_published_outputs_make_one_run_and_one_digest(need: Need, enterprise: Organisation, buyer: User) -> None:
    NeedFactory(published=True, organisation=enterprise)
    reconcile(at=timezone.now())
    outputs = [OutputFactory(published=True) for _ in range(3)]
    start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=outputs, by=None, at=timezone.now())
    assert work_off() == 1
    assert Notification.objects.for_user(buyer).count() == 1


def test_a_run_executed_twice_leaves_the_same_matches_and_notices(need: Need, buyer: User) -> None:
    OutputFactory(published=True)
    run = submit(need)
    MatchRun.objects.filter(pk=run.pk).update(state="queued", finished_at=None)
    work_off()
    assert need.matches.count() == 1
    assert Notification.objects.for_user(buyer).count() == 1


def test_a_run_that_fails_is_tried_again_and_given_up_after_five_attempts(
    need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the index is on fire")

    monkeypatch.setattr(runs, "store_needs", broken)
    run = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    states = []
    for _ in range(6):
        work_off()
        run.refresh_from_db()
        states.append(run.state)
    assert states == ["queued", "queued", "queued", "queued", "failed", "failed"]
    assert "on fire" in run.error


def test_a_run_that_takes_its_worker_with_it_every_time_is_given_up(need: Need) -> None:
    run = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    MatchRun.objects.filter(pk=run.pk).update(state="running", attempts=runs.MOST_ATTEMPTS)  # killed, not failed
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("failed", runs.MOST_ATTEMPTS)
    assert "worker" in run.error


def test_who_lost_the_connection_does_not_take_back_what_another_has_finished(
    need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock went with the connection, another worker took the run at once."""

    def connection_lost(*args: object, **kwargs: object) -> None:
        MatchRun.objects.update(state="done", attempts=2, finished_at=timezone.now())
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(runs, "write_matches_of_needs", connection_lost)
    run = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts, run.error) == ("done", 2, "")


def test_whatever_goes_wrong_with_a_message_is_not_the_posters_error(
    need: Need, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuses() -> None:
        raise RuntimeError("OOM command not allowed")

    monkeypatch.setattr(actions, "nudge", refuses)
    with django_capture_on_commit_callbacks(execute=True):
        start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    assert MatchRun.objects.get().state == "queued"


@pytest.mark.parametrize("side", ["need", "output"])
def test_what_is_edited_while_it_is_scored_is_scored_as_it_is_now(
    need: Need, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older text never has the last word, whichever of two runs ends first."""
    output = OutputFactory(published=True)
    submit(need)
    write = {"need": "write_matches_of_needs", "output": "write_matches_of_solution"}[side]
    writing, edits = getattr(runs, write), iter([True])

    def edited_meanwhile(*args: Any, **kwargs: Any) -> Any:
        if next(edits, False):
            NeedIndicatorFactory(need=need, name="硬度", unit="HRC", position=1)
            SolutionIndicatorFactory(solution=output, name="硬度", unit="HRC", position=1)
        return writing(*args, **kwargs)

    monkeypatch.setattr(runs, write, edited_meanwhile)
    of = {"needs": [need]} if side == "need" else {"solutions": [output]}
    run = start_run(trigger=Trigger.NEED_CHANGED, by=None, at=timezone.now(), **of)
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("done", 1)
    stored = StoredDocument.objects.get(**({"need": need} if side == "need" else {"solution": output}))
    assert "硬度" in [row["name"] for row in stored.content["indicators"]]
    explained = need.matches.get().explanation["parts"]["indicators"]["details"]
    assert [row["need"]["name"] for row in explained].count("硬度") == (side == "need")


@pytest.mark.parametrize("side", ["need", "output"])
def test_a_run_that_overtakes_another_has_the_last_word(need: Need, side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one side is scored the other is edited, and its own run is done before the first one writes."""
    output = OutputFactory(published=True)
    other_outputs()
    submit(need)
    write = {"need": "write_matches_of_needs", "output": "write_matches_of_solution"}[side]
    writing, edits = getattr(runs, write), iter([True])

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        if next(edits, False):
            edited = output if side == "need" else need
            edited.title = "风电主轴的润滑"
            edited.save()
            theirs = {"solutions": [output]} if side == "need" else {"needs": [need]}
            execute_run(start_run(trigger=Trigger.SOLUTION_CHANGED, by=None, at=timezone.now(), **theirs))
            scores.append(need.matches.get(solution=output).score)
        return writing(*args, **kwargs)

    scores = [need.matches.get(solution=output).score]
    monkeypatch.setattr(runs, write, overtaken)
    ours = {"needs": [need]} if side == "need" else {"solutions": [output]}
    run = start_run(trigger=Trigger.NEED_CHANGED, by=None, at=timezone.now(), **ours)
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("done", 1)
    before, after = scores
    assert need.matches.get(solution=output).score == after != before


def test_what_an_operator_confirmed_stays_a_candidate(need: Need, operator: User) -> None:
    output = OutputFactory(published=True)
    submit(need)
    now = timezone.now()
    Match.objects.update(review="confirmed", reviewed_at=now, confirmed_at=now, reviewed_by=operator)
    Need.objects.filter(pk=need.pk).update(title="古籍文字识别", background="识别异体字", difficulty="", keywords=[])
    submit(need, Trigger.NEED_CHANGED)
    assert need.matches.current().get().solution == output


def test_documents_say_when_they_were_written_not_when_the_work_began(need: Need) -> None:
    """Whoever holds an index looks back minutes; a reconcile of a whole collection may take longer."""
    OutputFactory(published=True)
    began = timezone.now()
    reconcile(at=began - timedelta(hours=1))
    assert not StoredDocument.objects.filter(changed_at__lt=began).exists()


PARTLY = "以中温厌氧消化处理养殖粪污，沼液经膜浓缩后作为液体肥还田；另有轴承的接触疲劳寿命试验台一座，对外开放使用。"


def test_a_supplier_is_not_told_of_a_grade_that_only_a_secret_raised(
    need: Need, supplier: User, university: Organisation
) -> None:
    """Who edits an output and waits for notices could otherwise find a hidden value by halving (docs/adr/0004)."""
    now = timezone.now()
    Need.objects.filter(pk=need.pk).update(state="published", published_at=now, reviewed_at=now)
    need.indicators.update(level="named")
    output = OutputFactory(
        published=True, organisation=university, title="轴承试验台", summary=PARTLY, keywords=["粪污"]
    )
    submit(need)
    before = need.matches.get()
    SolutionIndicatorFactory(solution=output, name="抗拉强度", value=1200, unit="MPa")  # meets the hidden requirement
    start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    after = need.matches.get()
    assert GRADE_ORDER[after.grade] > GRADE_ORDER[before.told_supplier], "the secret did raise the grade"
    assert after.told_supplier == before.told_supplier == after.public_grade
    assert Notification.objects.for_user(supplier).count() == 1


def test_the_run_is_written_with_its_cause_and_the_worker_nudged_after_commit(
    need: Need, no_broker: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
        assert (run.state, no_broker) == ("queued", [])
    assert no_broker == ["nudge"]


def test_a_whole_rematch_waits_for_what_people_wait_for(need: Need) -> None:
    rematch = start_run(trigger=Trigger.REMATCH, by=None, at=timezone.now())
    urgent = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    assert runs.waiting_runs() == [urgent, rematch]


def test_an_unlisted_need_leaves_the_index_at_once(need: Need) -> None:
    submit(need)
    needs_unlisted.send(sender=Need, needs=[need], by=None, at=timezone.now())
    assert not StoredDocument.objects.filter(need=need, is_active=True).exists()


def test_an_import_of_more_outputs_than_open_needs_asks_each_need_once(need: Need) -> None:
    submit(need)
    outputs = [OutputFactory(published=True) for _ in range(3)]
    run = start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=outputs, by=None, at=timezone.now())
    work_off()
    run.refresh_from_db()
    assert (run.counts["needs"], run.counts["solutions"]) == (1, 0)
    assert {match.solution for match in need.matches.current()} == set(outputs)


def test_few_outputs_are_scored_against_the_open_needs_without_asking_each_need(need: Need) -> None:
    NeedFactory(published=True)
    reconcile(at=timezone.now())
    output = OutputFactory(published=True)
    run = start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=[output], by=None, at=timezone.now())
    work_off()
    run.refresh_from_db()
    assert (run.counts["needs"], run.counts["solutions"]) == (0, 1)


# --- a need that hides something is ranked twice ---------------------------------------------------------------


@pytest.fixture
def rankings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were ranked, as they were ranked."""
    ranked: list[str] = []
    rank = pairing.with_place

    def watched(need: Any, *args: Any, **kwargs: Any) -> Any:
        ranked.append(need.document.body)
        return rank(need, *args, **kwargs)

    monkeypatch.setattr(pairing, "with_place", watched)
    return ranked


def test_a_need_that_hides_nothing_is_ranked_once_and_both_sides_read_the_same(need: Need, rankings: list[str]) -> None:
    OutputFactory(published=True)
    submit(need)
    match = need.matches.get()
    assert len(rankings) == 1
    assert (match.public_grade, match.public_explanation) == (match.grade, None)


def test_a_need_that_hides_something_is_ranked_on_both_texts(need: Need, rankings: list[str]) -> None:
    Need.objects.filter(pk=need.pk).update(disclosure={"difficulty": "named"})
    OutputFactory(published=True)
    submit(need)
    need.refresh_from_db()
    assert [need.difficulty in text for text in rankings] == [True, False]
    match = need.matches.get()
    assert match.public_explanation["parts"] != match.explanation["parts"]
    assert match.is_current


def test_each_list_keeps_its_own_best(need: Need, monkeypatch: pytest.MonkeyPatch, supplier: User) -> None:
    """One output fits by the title, another by what is hidden; each list has room for one."""
    for module in (pairing, writing):
        monkeypatch.setattr(module, "KEPT", 1)
    Need.objects.filter(pk=need.pk).update(
        background="沼液经膜浓缩后还田，猪场粪污厌氧发酵产沼气。" * 3,
        difficulty="猪场粪污厌氧发酵与沼液还田",
        keywords=["猪场粪污", "厌氧发酵", "沼液还田"],
        disclosure={"background": "named", "difficulty": "named", "keywords": "named"},
    )
    other_outputs()
    by_title = OutputFactory(published=True, title="风电主轴轴承钢", keywords=["轴承"])
    submit(need)
    hidden, open_ = need.matches.get(is_current=True), need.matches.exclude(public_grade="").get()
    assert hidden.solution.title == "猪场粪污厌氧发酵与沼液还田技术"
    assert hidden.public_grade == ""
    assert (open_.solution, open_.is_current) == (by_title, False)
    for output in (hidden.solution, by_title):  # from the other side the same
        start_run(trigger=Trigger.SOLUTION_CHANGED, solutions=[output], by=None, at=timezone.now())
    work_off()
    assert need.matches.get(is_current=True) == hidden
    assert need.matches.exclude(public_grade="").get() == open_


def test_levels_alone_make_another_document_and_the_search_knows_at_once(need: Need) -> None:
    submit(need)
    before = StoredDocument.objects.get(need=need)
    need.disclosure = {"background": "named", "keywords": "named", "difficulty": "named"}
    need.save()
    needs_changed.send(sender=Need, needs=[need], by=None, at=timezone.now())
    after = StoredDocument.objects.get(need=need)
    assert after.fingerprint != before.fingerprint
    assert after.tokens == before.tokens
    assert "夹杂物" in before.search_vector
    assert "夹杂物" not in after.search_vector


def test_what_is_hidden_anew_leaves_the_suppliers_list_with_the_next_run(need: Need, operator: User) -> None:
    """An invitation stays, and says no grade any more."""
    OutputFactory(published=True)
    submit(need)
    now = timezone.now()
    Match.objects.update(review="confirmed", reviewed_at=now, confirmed_at=now, reviewed_by=operator)
    Need.objects.filter(pk=need.pk).update(
        title="专项攻关",
        disclosure=dict.fromkeys(["background", "keywords", "difficulty", "technical_field"], "named"),
    )
    submit(need, Trigger.NEED_CHANGED)
    match = need.matches.get()
    assert (match.is_current, match.public_grade, match.public_explanation) == (True, "", None)
    assert match in Match.objects.known_to_suppliers()
