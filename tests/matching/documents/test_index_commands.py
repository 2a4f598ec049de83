"""`check_index` says what differs between index and database, `rebuild_index` mends it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from matching.documents import library
from matching.documents.maintenance import Reconciled, reconcile
from matching.engine.snapshot import current_version
from matching.engine.terms import Terms
from matching.management.commands.check_index import NAMED
from matching.models import MatchRun, StoredDocument
from matching.runs import actions
from needs.models import Need
from solutions.models import Solution
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.INDEX_ROOT = tmp_path / "index"
    return settings.INDEX_ROOT


@pytest.fixture
def index(root: Path) -> tuple[Need, Solution]:
    """A need and an output, everything in order."""
    need, output = NeedFactory(published=True), OutputFactory(published=True)
    OutputFactory()  # a draft is nobody's business
    rebuild()
    return need, output


def check() -> tuple[int, list[str]]:
    """The exit code, and the lines after the one that names the snapshot."""
    out = StringIO()
    code = 0
    try:
        call_command("check_index", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, [line for line in out.getvalue().splitlines() if not line.startswith("snapshot")]


def rebuild(**options: bool) -> str:
    out = StringIO()
    call_command("rebuild_index", stdout=out, **options)
    return out.getvalue()


AGREES = (0, ["index and database agree"])


def test_what_agrees_is_said_to_agree(index: tuple[Need, Solution], root: Path) -> None:
    out = StringIO()
    call_command("check_index", stdout=out)
    assert f"snapshot {current_version(root)}" in out.getvalue()
    assert check() == AGREES


def test_an_empty_platform_agrees_once_it_has_a_snapshot(root: Path) -> None:
    assert check() == (1, ["this machine's snapshot is missing or damaged"])
    rebuild()
    assert check() == AGREES


def test_every_document_at_fault_is_named_and_a_rebuild_mends_it(index: tuple[Need, Solution]) -> None:
    need, output = index
    missing = OutputFactory(published=True)
    Need.objects.filter(pk=need.pk).update(title="猪场粪污厌氧发酵")
    Solution.objects.filter(pk=output.pk).update(state="withdrawn")
    assert check() == (
        1,
        [
            f"documents missing: 1 ({missing.code})",
            f"documents outdated: 1 ({need.code})",
            f"documents of what is not matched any more: 1 ({output.code})",
        ],
    )
    assert rebuild().startswith("2 documents written, 1 taken out, snapshot ")
    assert check() == AGREES


def test_of_many_the_first_twenty_are_named(root: Path) -> None:
    rebuild()
    codes = sorted(OutputFactory(published=True).code for _ in range(NAMED + 3))
    _code, [line] = check()
    assert line.startswith(f"documents missing: {len(codes)} (")
    assert line.endswith(" and 3 more)")
    assert sum(code in line for code in codes) == NAMED


def test_a_damaged_snapshot_is_found_and_made_anew(index: tuple[Need, Solution], root: Path) -> None:
    version = current_version(root)
    assert version is not None
    file = root / version / "mixture.npy"
    file.write_bytes(file.read_bytes()[:-1])
    assert check() == (1, ["this machine's snapshot is missing or damaged"])
    assert version in rebuild()
    assert check() == AGREES


def test_a_change_nobody_would_look_for_is_found(index: tuple[Need, Solution]) -> None:
    """The document is right, but its time says that it is older than the snapshot that does not have it so."""
    _need, output = index
    before = StoredDocument.objects.get(solution=output).changed_at - library.OVERLAP * 2
    Solution.objects.filter(pk=output.pk).update(title="猪场粪污厌氧发酵")
    reconcile(at=timezone.now())
    StoredDocument.objects.filter(solution=output).update(changed_at=before)
    code, lines = check()
    assert (code, lines[0]) == (
        1,
        f"not in the snapshot as they are, and nothing says that they changed since: 1 ({output.code})",
    )
    rebuild()
    assert check() == AGREES


def test_a_few_changes_beside_the_snapshot_are_no_fault_many_are(root: Path) -> None:
    outputs = [OutputFactory(published=True) for _ in range(20)]
    rebuild()
    for number, output in enumerate(outputs[:2], start=1):
        Solution.objects.filter(pk=output.pk).update(title="猪场粪污厌氧发酵")
        reconcile(at=timezone.now())
        assert check()[0] == (number > 1)
    library.current()
    assert check() == AGREES


def test_all_tokenises_even_what_has_the_right_fingerprint(index: tuple[Need, Solution], root: Path) -> None:
    """As after a mistake in the tokeniser: the text is the same, its terms are not."""
    _need, output = index
    right, version = StoredDocument.objects.get(solution=output).terms, current_version(root)
    StoredDocument.objects.filter(solution=output).update(terms=Terms.of(({"夹杂物": 1}, {}, {})).pack())
    assert rebuild().startswith("0 documents written")
    assert current_version(root) != version, "other terms are another snapshot"
    assert rebuild(all=True).startswith("2 documents written, 0 taken out")
    assert bytes(StoredDocument.objects.get(solution=output).terms) == bytes(right)
    assert current_version(root) == version


def test_a_rematch_may_follow_and_is_started_once(index: tuple[Need, Solution]) -> None:
    assert not MatchRun.objects.exists()
    said = [rebuild(rematch=True) for _ in range(2)]
    run = MatchRun.objects.get()
    assert (run.trigger, run.state) == ("rematch", "queued")
    assert all(line.endswith(f"rematch {run.code} is queued\n") for line in said)


def test_the_nightly_comparison_writes_only_what_differs(index: tuple[Need, Solution]) -> None:
    assert reconcile(at=timezone.now()) == Reconciled(written=0, removed=0)
    OutputFactory(published=True)
    Need.objects.filter(pk=index[0].pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert reconcile(at=timezone.now()) == Reconciled(written=1, removed=1)


def test_what_is_taken_out_says_so_when_it_is_written(index: tuple[Need, Solution]) -> None:
    """A holder of the index looks back minutes; comparing a whole collection may take longer."""
    Need.objects.filter(pk=index[0].pk).update(state="withdrawn", withdrawn_at=timezone.now())
    began = timezone.now()
    reconcile(at=began - library.OVERLAP * 3)
    assert StoredDocument.objects.get(need=index[0]).changed_at >= began
