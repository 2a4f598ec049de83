"""What a process knows of the documents is what the database says, by statistics that stay until the next snapshot."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Organisation
from matching.documents import library
from matching.documents.builder import matchable_needs, store_needs
from matching.documents.library import Library
from matching.documents.maintenance import reconcile
from matching.engine.documents import Document, tokens_of
from matching.engine.snapshot import Snapshot, building, current_version
from matching.engine.terms import number_of
from matching.engine.vectors import query_of_need
from matching.models import StoredDocument, Trigger
from matching.runs import actions
from matching.runs import execution as runs
from matching.runs.actions import rematch_after_rebuild, start_run
from matching.runs.execution import work_off
from needs.models import Need
from needs.signals import needs_changed, needs_unlisted
from solutions.models import Solution
from solutions.signals import solutions_unlisted
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OUTPUTS = 40  # one edit (one goes, one comes) is within a twentieth of them, two are not


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    """A machine of this test's own."""
    settings.INDEX_ROOT = tmp_path / "index"
    return settings.INDEX_ROOT


@pytest.fixture
def catalogue(root: Path, university: Organisation) -> list[Solution]:
    outputs = [OutputFactory(published=True, organisation=university) for _ in range(OUTPUTS)]
    reconcile(at=timezone.now())
    return outputs


def refreshed(held: Library | None = None) -> Library:
    held = held or Library()
    held.refresh()
    return held


def codes_found(held: Library, title: str) -> set[str]:
    terms = tokens_of(Document(key="", title=title)).terms()
    found = held.solutions.nearest(query_of_need(terms, held.solutions.statistics), 100)
    return {one.key for one in found}


def retitle(output: Solution, title: str) -> None:
    output.title = output.summary = title
    output.keywords = []
    output.save()
    reconcile(at=timezone.now())


def files_of(root: Path) -> dict[str, bytes]:
    version = current_version(root)
    assert version is not None
    return {path.name: path.read_bytes() for path in (root / version).glob("*.npy")}


# --- the same everywhere, and never half ------------------------------------------------------------------------


def test_two_machines_make_the_same_snapshot_of_the_same_rows(
    catalogue: list[Solution], root: Path, settings: Settings, tmp_path: Path
) -> None:
    NeedFactory(published=True, disclosure={"difficulty": "named"})
    reconcile(at=timezone.now())
    one = refreshed()
    settings.INDEX_ROOT = tmp_path / "another"
    another = refreshed()
    assert one.version == another.version
    assert files_of(root) == files_of(tmp_path / "another")


@pytest.mark.parametrize("damage", ["a flipped bit", "truncated", "no manifest", "another engine", "no folder"])
def test_what_is_damaged_is_made_anew_and_the_same(catalogue: list[Solution], root: Path, damage: str) -> None:
    version = refreshed().version
    before = files_of(root)
    folder = root / version
    match damage:
        case "a flipped bit":
            data = bytearray((folder / "mixture.npy").read_bytes())
            data[-3] ^= 4
            (folder / "mixture.npy").write_bytes(data)
        case "truncated":
            (folder / "docs.npy").write_bytes(before["docs.npy"][:-4])
        case "no manifest":
            (folder / "manifest.json").unlink()
        case "another engine":
            text = (folder / "manifest.json").read_text()
            (folder / "manifest.json").write_text(text.replace('"engine": "', '"engine": "9'))
        case "no folder":
            shutil.rmtree(folder)
    held = refreshed()
    assert held.version == version
    assert codes_found(held, "轴承钢") == {output.code for output in catalogue}
    assert files_of(root) == before


def test_an_error_while_taking_up_leaves_no_half_library_in_use(
    catalogue: list[Solution], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away after the outputs were read and before the needs were."""
    NeedFactory(published=True)
    reconcile(at=timezone.now())
    refreshed()
    held = Library()
    with monkeypatch.context() as patch:

        def goes_away(*args: Any) -> Any:
            raise OperationalError("server closed the connection unexpectedly")

        patch.setattr(library, "_terms", goes_away)
        with pytest.raises(OperationalError):
            held.refresh()
    assert (len(refreshed(held).solutions), len(held.needs)) == (OUTPUTS, 1)


def test_while_another_process_builds_this_one_goes_on_with_the_old_snapshot(
    catalogue: list[Solution], root: Path
) -> None:
    held = refreshed()
    old = held.version
    for output in catalogue[:2]:
        retitle(output, "电镀废水络合镍去除")
    with building(root, wait=False) as is_ours:
        assert is_ours
        held.refresh()
        assert held.version == old
        assert codes_found(held, "镍") == {output.code for output in catalogue[:2]}
    assert refreshed(held).version != old
    assert codes_found(held, "镍") == {output.code for output in catalogue[:2]}


def test_a_snapshot_made_elsewhere_on_the_machine_is_taken_up(catalogue: list[Solution], root: Path) -> None:
    held, other = refreshed(), refreshed()
    retitle(catalogue[0], "电镀废水络合镍去除")
    other.refresh(anew=True)
    assert refreshed(held).version == other.version == current_version(root)
    assert held.solutions.changes == 0


def test_who_waited_for_a_snapshot_takes_the_one_that_was_made_meanwhile(
    catalogue: list[Solution], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Snapshot] = []
    take = library.take_snapshot

    def watched(kept: Snapshot | None) -> Snapshot:
        made.append(take(kept))
        return made[-1]

    monkeypatch.setattr(library, "take_snapshot", watched)
    refreshed()
    refreshed()
    assert len(made) == 1


def test_a_snapshot_of_the_same_rows_is_not_made_again(
    catalogue: list[Solution], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = refreshed()
    before = held.version, held.taken_at
    with monkeypatch.context() as patch:
        patch.delattr(library, "of_outputs")
        held.refresh(anew=True)
    assert held.version == before[0]
    assert held.taken_at > before[1], "of the rows as they are now"
    retitle(catalogue[0], "电镀废水络合镍去除")
    held.refresh(anew=True)
    assert held.version != before[0]


# --- statistics -------------------------------------------------------------------------------------------------


def test_statistics_stay_until_the_next_snapshot(catalogue: list[Solution]) -> None:
    held = refreshed()
    fixed = held.solutions.statistics
    retitle(catalogue[0], "电镀废水络合镍去除")
    held.refresh()
    assert held.solutions.statistics is fixed
    assert held.needs.statistics is fixed
    assert codes_found(held, "镍") == {catalogue[0].code}


def test_many_changes_make_the_next_snapshot(catalogue: list[Solution], root: Path) -> None:
    held = refreshed()
    old = held.version
    for output in catalogue[:3]:
        retitle(output, "电镀废水络合镍去除")
    assert refreshed(held).version == current_version(root) != old
    assert held.solutions.changes == 0
    assert len([path for path in root.iterdir() if path.is_dir()]) == 2, "the old one stays for who is about to open it"


def test_the_run_says_whose_statistics_its_scores_rest_on(catalogue: list[Solution], root: Path) -> None:
    library.current()
    need = NeedFactory(published=True)
    run = start_run(trigger=Trigger.NEED_PUBLISHED, needs=[need], by=None, at=timezone.now())
    rematch = rematch_after_rebuild(at=timezone.now())
    work_off()
    run.refresh_from_db()
    rematch.refresh_from_db()
    assert (run.state, rematch.state) == ("done", "done")
    assert len(run.snapshot) == 16
    assert rematch.snapshot == current_version(root) != run.snapshot, "the need is in the statistics of the rematch"
    assert set(rematch.shares.values_list("snapshot", flat=True)) == {rematch.snapshot}


def test_a_run_that_reads_an_edited_need_again_keeps_its_statistics(
    catalogue: list[Solution], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile so much has changed that a refresh would take up another snapshot."""
    need = NeedFactory(published=True)
    writing, versions = runs.write_matches_of_needs, []

    def edited_meanwhile(*args: Any, **kwargs: Any) -> Any:
        versions.append(library._of_this_process().version)
        if len(versions) == 1:
            Need.objects.filter(pk=need.pk).update(title="风电主轴轴承钢洁净度提升")
            for output in catalogue[:3]:
                retitle(output, "电镀废水络合镍去除")
        return writing(*args, **kwargs)

    monkeypatch.setattr(runs, "write_matches_of_needs", edited_meanwhile)
    run = start_run(trigger=Trigger.NEED_CHANGED, needs=[need], by=None, at=timezone.now())
    work_off()
    run.refresh_from_db()
    assert (run.state, run.attempts, versions) == ("done", 1, [run.snapshot] * 2)


def test_what_a_need_hides_is_not_counted(catalogue: list[Solution]) -> None:
    NeedFactory(published=True, difficulty="络合镍难以去除", disclosure={"difficulty": "named"})
    NeedFactory(submitted=True, difficulty="电沉积效率低")  # not public at all yet
    NeedFactory(published=True, difficulty="碳纤维覆冰")
    reconcile(at=timezone.now())
    statistics = refreshed().solutions.statistics
    assert statistics.needs == 2
    assert number_of("碳纤维") in statistics.need_ids
    assert number_of("络合") not in statistics.need_ids
    assert number_of("电沉积") not in statistics.need_ids
    assert number_of("沉积") not in statistics.need_ids


def test_a_share_elsewhere_rests_on_rows_no_older_than_its_rematch(
    catalogue: list[Solution], settings: Settings, tmp_path: Path
) -> None:
    library.current()
    retitle(catalogue[0], "电镀废水络合镍去除")
    old, began = library.current().version, timezone.now()
    settings.INDEX_ROOT = tmp_path / "another"  # where the rematch was shared out
    rematch = refreshed().version
    settings.INDEX_ROOT = tmp_path / "index"
    assert library.current().version == old, "one change is no reason for a snapshot"
    assert library.current(not_older_than=(rematch, began)).version == rematch


# --- up to date -------------------------------------------------------------------------------------------------


def test_what_is_unlisted_is_gone_at_the_next_refresh(catalogue: list[Solution]) -> None:
    need = NeedFactory(published=True)
    reconcile(at=timezone.now())
    held = refreshed()
    held.prepared([need.code, catalogue[0].code])
    solutions_unlisted.send(sender=Solution, solutions=[catalogue[0]], by=None, at=timezone.now())
    needs_unlisted.send(sender=Need, needs=[need], by=None, at=timezone.now())
    held.refresh()
    assert catalogue[0].code not in codes_found(held, "轴承钢")
    assert len(held.needs) == 0
    assert held.prepared([need.code, catalogue[0].code]) == {}


def test_what_is_unlisted_while_it_is_tokenised_stays_out(catalogue: list[Solution]) -> None:
    need = NeedFactory(published=True)
    read_before = list(matchable_needs())
    Need.objects.filter(pk=need.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    needs_unlisted.send(sender=Need, needs=[need], by=None, at=timezone.now())
    assert store_needs(read_before) == 1
    assert need.code not in refreshed().needs


def test_what_is_hidden_or_opened_is_so_at_the_next_refresh(catalogue: list[Solution]) -> None:
    need = NeedFactory(published=True)
    reconcile(at=timezone.now())
    held = refreshed()

    def disclose(levels: dict[str, str]) -> tuple[bool, bool, bool, bool]:
        Need.objects.filter(pk=need.pk).update(disclosure=levels)
        needs_changed.send(sender=Need, needs=[need], by=None, at=timezone.now())
        held.refresh()
        indexes = (held.needs, held.guarded, held.guarded_publicly)
        return (*(need.code in index for index in indexes), need.code in held.prepared_publicly([need.code]))

    assert disclose({"difficulty": "named"}) == (False, True, True, True)
    assert disclose({}) == (True, False, False, False)


def test_a_document_deleted_without_a_trace_is_not_taken_up(catalogue: list[Solution]) -> None:
    refreshed()
    StoredDocument.objects.filter(solution=catalogue[0]).delete()
    assert catalogue[0].code not in codes_found(refreshed(), "轴承钢")


@pytest.mark.parametrize("process", ["runs on", "starts after"])
def test_a_restored_database_is_noticed(catalogue: list[Solution], process: str) -> None:
    """One output was edited, one published after the copy was made: both are as they were then."""
    edited, published = catalogue[0], OutputFactory(published=True)
    copy = list(StoredDocument.objects.all())
    retitle(edited, "电镀废水络合镍去除")  # and the new one has its document
    held = Library()
    held.refresh(anew=True)
    assert codes_found(held, "镍") == {edited.code}
    assert published.code in codes_found(held, "轴承钢")

    StoredDocument.objects.all().delete()
    StoredDocument.objects.bulk_create(copy)
    held = refreshed(held if process == "runs on" else Library())
    assert codes_found(held, "镍") == set()
    assert codes_found(held, "轴承钢") == {output.code for output in catalogue}


def test_an_index_of_needs_is_folded_once_much_of_it_changed(catalogue: list[Solution]) -> None:
    held = refreshed()
    NeedFactory.create_batch(3, published=True)
    NeedFactory(published=True, disclosure={"difficulty": "named"})
    reconcile(at=timezone.now())
    held.refresh()
    assert [len(index) for index in (held.needs, held.guarded, held.guarded_publicly)] == [3, 1, 1]
    assert [index.changes for index in (held.needs, held.guarded, held.guarded_publicly)] == [0, 0, 0]
