"""A snapshot on disk is used whole or not at all, whoever was killed while writing it."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from matching.engine import snapshot
from matching.engine.documents import Document, fingerprint, tokens_of
from matching.engine.index import Gathered, names_of, of_outputs
from matching.engine.snapshot import (
    Damaged,
    Snapshot,
    building,
    current_version,
    print_of,
    version_of,
)
from matching.engine.terms import Terms
from scripts.servers import ROOT

TAKEN_AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TITLES = {"S-1": "轴承钢大方坯连铸轻压下", "S-2": "锂离子电池低温电解液", "S-3": "电镀废水络合镍去除"}


def taken(**more: str) -> Snapshot:
    """A snapshot of a few outputs and one need."""
    outputs = [Document(key=key, title=title) for key, title in sorted((TITLES | more).items())]
    terms = [tokens_of(output).terms() for output in outputs]
    need = tokens_of(Document(key="N-1", title="连铸方坯中心偏析")).terms()
    prints = [fingerprint(output) for output in outputs]
    keys = [output.key for output in outputs]
    version = version_of(zip(keys, prints, [one.pack() for one in terms], strict=True))
    segment, statistics = of_outputs(names_of(keys), Gathered.of(terms), Gathered.of([need]), version=version)
    return Snapshot(version, TAKEN_AT, segment, statistics, np.array([print_of(one) for one in prints], np.uint64))


@pytest.fixture
def written(tmp_path: Path) -> Snapshot:
    one = taken()
    one.write(tmp_path)
    return one


def arrays_of(one: Snapshot) -> dict[str, list[object]]:
    statistics = one.statistics
    arrays = {name: getattr(one.segment, name) for name in ("keys", "ids", "offsets", "docs", "mixture")}
    arrays |= {name: getattr(statistics, name) for name in ("ids", "frequency", "need_ids", "need_frequency")}
    return {name: array.tolist() for name, array in (arrays | {"prints": one.prints}).items()}


def test_what_is_read_is_what_was_written(tmp_path: Path, written: Snapshot) -> None:
    read = Snapshot.read(tmp_path, written.version)
    assert arrays_of(read) == arrays_of(written)
    assert (read.version, read.taken_at) == (written.version, TAKEN_AT)
    assert (read.statistics.version, read.statistics.documents, read.statistics.needs) == (written.version, 3, 1)


def test_a_machine_without_a_snapshot_says_so(tmp_path: Path) -> None:
    assert current_version(tmp_path) is None


def test_other_terms_of_the_same_text_are_another_version() -> None:
    [(key, print_, terms)] = [("S-1", "0" * 64, tokens_of(Document(key="S-1", title="轴承钢")).terms())]
    fewer = Terms(terms.ids[1:], terms.counts[1:])
    assert version_of([(key, print_, terms.pack())]) != version_of([(key, print_, fewer.pack())])


@pytest.mark.parametrize("name", ["keys", "prints", "ids", "offsets", "docs", "mixture", "need_ids", "need_frequency"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_a_damaged_file_is_never_used(tmp_path: Path, written: Snapshot, name: str, damage: str) -> None:
    file = tmp_path / written.version / f"{name}.npy"
    data = bytearray(file.read_bytes())
    if damage == "flipped":
        data[-1] ^= 1
        file.write_bytes(data)
    elif damage == "truncated":
        file.write_bytes(data[:-1])
    else:
        file.unlink()
    with pytest.raises(Damaged):
        Snapshot.read(tmp_path, written.version)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b'{"format": 1}', b"\xff\xfe\x00"])
def test_without_a_readable_manifest_nothing_is_used(tmp_path: Path, written: Snapshot, content: bytes) -> None:
    (tmp_path / written.version / "manifest.json").write_bytes(content)
    with pytest.raises(Damaged):
        Snapshot.read(tmp_path, written.version)


@pytest.mark.parametrize("entry", ["documents", "needs", "taken_at", "engine", "files"])
def test_no_number_of_the_manifest_can_change_unnoticed(tmp_path: Path, written: Snapshot, entry: str) -> None:
    """How many documents there are is a number every score rests on, like the arrays."""
    file = tmp_path / written.version / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest[entry] = {} if entry == "files" else 7
    file.write_text(json.dumps(manifest))
    with pytest.raises(Damaged):
        Snapshot.read(tmp_path, written.version)


def test_another_engines_snapshot_is_not_used(
    tmp_path: Path, written: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "ENGINE_VERSION", "another")
    with pytest.raises(Damaged, match="another engine"):
        Snapshot.read(tmp_path, written.version)


def test_a_snapshot_under_another_ones_name_is_not_used(tmp_path: Path, written: Snapshot) -> None:
    (tmp_path / written.version).rename(tmp_path / "0123456789abcdef")
    with pytest.raises(Damaged):
        Snapshot.read(tmp_path, "0123456789abcdef")


@pytest.mark.parametrize("content", [b"", b"\x00" * 16, b"\xff\xff", b"no such version"])
def test_whatever_a_power_cut_left_of_the_pointer_names_no_snapshot(
    tmp_path: Path, written: Snapshot, content: bytes
) -> None:
    (tmp_path / "current").write_bytes(content)
    with pytest.raises(Damaged):
        Snapshot.read(tmp_path, current_version(tmp_path) or "")


def test_a_damaged_snapshot_is_replaced_by_the_same_rows(tmp_path: Path, written: Snapshot) -> None:
    (tmp_path / written.version / "ids.npy").write_bytes(b"")
    taken().write(tmp_path)
    assert arrays_of(Snapshot.read(tmp_path, written.version)) == arrays_of(written)


def test_old_snapshots_go_but_the_last_stays_for_whoever_is_about_to_open_it(tmp_path: Path) -> None:
    versions = []
    for number in range(4):
        one = taken(**{f"S-9{number}": "风机叶片电热除冰"})
        one.write(tmp_path)
        os.utime(tmp_path / one.version, (number, number))  # the file system may count time in coarse steps
        versions.append(one.version)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == set(versions[-2:])
    assert current_version(tmp_path) == versions[-1]


def test_who_has_a_snapshot_open_keeps_it_when_its_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAPPED_FROM", 0)
    one = taken()
    one.write(tmp_path)
    opened = Snapshot.read(tmp_path, one.version)
    for number in range(3):
        taken(**{f"S-9{number}": "风机叶片电热除冰"}).write(tmp_path)
    assert not (tmp_path / one.version).exists()
    assert arrays_of(opened) == arrays_of(one)


def test_the_right_to_build_is_one_processs_at_a_time(tmp_path: Path) -> None:
    with building(tmp_path, wait=False) as is_ours:
        assert is_ours
        with building(tmp_path, wait=False) as is_ours_too:
            assert not is_ours_too
    with building(tmp_path, wait=False) as is_ours:
        assert is_ours


# --- other processes -------------------------------------------------------------------------------------------

WRITER = """
import os, sys
from pathlib import Path
if "KILL_AT" in os.environ:
    from tests.plugins.kill_points import arm
    arm(os.environ["KILL_AT"])
from tests.matching.engine.test_snapshot import taken
from matching.engine.snapshot import building
root = Path(sys.argv[1])
for number in range(int(sys.argv[2])):
    with building(root, wait=True):
        taken(**{f"S-9{number % 2}": "风机叶片电热除冰"}).write(root)
"""
READER = """
import sys
from pathlib import Path
import numpy as np
from matching.engine.snapshot import Snapshot, current_version
from matching.engine import snapshot
snapshot.MAPPED_FROM = 0
root = Path(sys.argv[1])
opened = Snapshot.read(root, current_version(root))
arrays = [opened.prints, *(getattr(opened.segment, name) for name in ("keys", "ids", "offsets", "docs", "mixture"))]
print(opened.version, all(isinstance(array, np.memmap) for array in arrays), flush=True)
sys.stdin.read()
"""


def run_writer(root: Path, times: int, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), str(times)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | environment,
    )


@pytest.mark.slow
@pytest.mark.parametrize("point", [1, 2])
def test_a_builder_killed_while_swapping_leaves_the_old_one_in_use(
    tmp_path: Path, written: Snapshot, point: int
) -> None:
    """At the first point the files lie aside, at the second they are in place and nothing points to them yet."""
    killed = run_writer(tmp_path, 1, KILL_AT=f"swapping:{point}")
    assert killed.wait() == -signal.SIGKILL
    assert current_version(tmp_path) == written.version
    assert arrays_of(Snapshot.read(tmp_path, written.version)) == arrays_of(written)

    with building(tmp_path, wait=False) as is_ours:
        assert is_ours, "the right to build ended with the process that was killed"
        taken(**{"S-90": "风机叶片电热除冰"}).write(tmp_path)
    folders = [path.name for path in tmp_path.iterdir() if path.is_dir()]
    assert current_version(tmp_path) in folders
    assert not [name for name in folders if name.startswith(".")], "what was left half written is cleared away"


@pytest.mark.slow
def test_a_reader_finds_the_old_or_the_new_one_never_half(tmp_path: Path, written: Snapshot) -> None:
    whole = {
        one.version: arrays_of(one) for one in (written, *(taken(**{f"S-9{n}": "风机叶片电热除冰"}) for n in (0, 1)))
    }
    writer = run_writer(tmp_path, 40)
    read = 0
    while writer.poll() is None or not read:
        version = current_version(tmp_path)
        assert version is not None
        try:
            found = Snapshot.read(tmp_path, version)
        except Damaged:  # its files were replaced meanwhile: refused, not used
            continue
        assert arrays_of(found) == whole[found.version]
        read += 1
    assert writer.wait() == 0


@pytest.mark.slow
def test_processes_share_one_copy_in_memory(tmp_path: Path, written: Snapshot) -> None:
    """Both map the same files instead of reading them."""
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [reader.stdout.readline().decode().split() for reader in readers if reader.stdout]
    for reader in readers:
        reader.communicate()
    assert said == [[written.version, "True"]] * 2
