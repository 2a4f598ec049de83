"""The index of outputs on disk: arrays that every process of a machine maps into memory, shared and never changed.

A snapshot is a folder `ROOT/VERSION` with one file for each array and a manifest that holds sizes and checksums; the
file `ROOT/current` names the one to use and is replaced in one step, so a reader finds the old or the new, never half
of one. The version is a hash of the engine and of all documents: equal rows give equal snapshots, on whichever
machine. Pure: no Django, no database.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matching.engine.index import Segment
from matching.engine.vectors import Statistics
from matching.engine.weights import ENGINE_VERSION

Array = NDArray[Any]

FORMAT = 2
MAPPED_FROM = 1 << 16  # bytes: a smaller file is read, a map of it would cost more than it shares
KEPT = 2  # snapshots left on disk: the current one, and the one that a process may be about to open
_CURRENT = "current"
_MANIFEST = "manifest.json"


class Damaged(Exception):
    """A snapshot on disk is not what its manifest says, or of another engine."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Outputs as a segment, the statistics they are weighed by, and what tells whether a row is still as it was.

    `prints` uint64[documents], beside segment.keys: the first eight bytes of each document's fingerprint. `taken_at`
    is the database's time at which the rows were read.
    """

    version: str
    taken_at: datetime
    segment: Segment
    statistics: Statistics
    prints: Array

    def write(self, root: Path) -> None:
        """Put it beside the others, then make it the current one. The caller holds `building`."""
        arrays = self._arrays()
        folder = root / f".{self.version}.{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files = {}
        for name, array in arrays.items():
            path = folder / f"{name}.npy"
            np.save(path, array)
            files[name] = {"bytes": path.stat().st_size, "blake2b": _checksum(path)}
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "engine": ENGINE_VERSION,
            "version": self.version,
            "taken_at": self.taken_at.isoformat(),
            "documents": self.statistics.documents,
            "needs": self.statistics.needs,
            "files": files,
        }
        manifest["blake2b"] = _checksum_of(manifest)
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        final = root / self.version
        if final.exists():  # the same rows as before; the files there may be in use, or damaged
            shutil.rmtree(final)
        folder.rename(final)
        pointer = root / f".{_CURRENT}.{os.getpid()}"
        pointer.write_text(self.version, encoding="utf-8")
        pointer.replace(root / _CURRENT)
        _clear_away(root, but=self.version)

    def prints_by_key(self) -> dict[bytes, int]:
        """The print of each output, by its public code."""
        return dict(zip(self.segment.keys.tolist(), self.prints.tolist(), strict=True))

    def _arrays(self) -> Mapping[str, Array]:
        return {
            "keys": self.segment.keys,
            "prints": self.prints,
            "ids": self.segment.ids,
            "offsets": self.segment.offsets,
            "docs": self.segment.docs,
            "mixture": self.segment.mixture,
            "need_ids": self.statistics.need_ids,
            "need_frequency": self.statistics.need_frequency,
        }

    @classmethod
    def read(cls, root: Path, version: str) -> Self:
        """Map a snapshot into memory. Raises Damaged, also when there is no such snapshot."""
        folder = root / version
        try:
            manifest = json.loads((folder / _MANIFEST).read_bytes())
            if not isinstance(manifest, dict) or manifest.pop("blake2b", None) != _checksum_of(manifest):
                raise Damaged(f"snapshot {version}: the manifest is not what was written")
            if (manifest["format"], manifest["engine"]) != (FORMAT, ENGINE_VERSION):
                raise Damaged(f"snapshot {version} is of another engine")
            if manifest["version"] != version:
                raise Damaged(f"snapshot {version} is {manifest['version']} by its manifest")
            arrays = {}
            for name, expected in manifest["files"].items():
                path = folder / f"{name}.npy"
                if path.stat().st_size != expected["bytes"] or _checksum(path) != expected["blake2b"]:
                    raise Damaged(f"snapshot {version}: {name} is not what was written")
                arrays[name] = np.load(path, mmap_mode="r" if expected["bytes"] > MAPPED_FROM else None)
        except (OSError, ValueError) as error:
            raise Damaged(f"snapshot {version} cannot be read: {error}") from error
        segment = Segment(*(arrays[name] for name in ("keys", "ids", "offsets", "docs", "mixture")))
        return cls(
            version=version,
            taken_at=datetime.fromisoformat(manifest["taken_at"]),
            segment=segment,
            statistics=Statistics(
                version,
                manifest["documents"],
                segment.ids,
                np.diff(segment.offsets).astype(np.int32),
                manifest["needs"],
                arrays["need_ids"],
                arrays["need_frequency"],
            ),
            prints=arrays["prints"],
        )


def current_version(root: Path) -> str | None:
    """The version to use, or None while there is none."""
    try:
        # a machine that lost its power may have left anything there: then it names no snapshot
        return (root / _CURRENT).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def version_of(documents: Iterable[tuple[str, str, bytes]]) -> str:
    """The name of the snapshot of these documents: key, fingerprint, packed terms in the order of keys, needs among
    them.

    The terms too: the same text may be tokenised anew, and that must not pass for the snapshot that is there.
    """
    hashed = hashlib.sha256(f"{FORMAT} {ENGINE_VERSION}".encode())
    for key, fingerprint, terms in documents:
        hashed.update(f"{key} {fingerprint} {len(terms)}\n".encode())
        hashed.update(terms)
    return hashed.hexdigest()[:16]


def print_of(fingerprint: str) -> int:
    """What `Snapshot.prints` holds of a fingerprint of 64 hex digits."""
    return int(fingerprint[:16], 16)


@contextmanager
def building(root: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the machine's one right to write a snapshot; yields False when somebody else has it and `wait` is off.

    The right ends with the process that holds it, however that ends.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _clear_away(root: Path, *, but: str) -> None:
    """Remove older snapshots and what killed builders left. Whoever has one mapped keeps it until it lets go."""
    folders = sorted((path for path in root.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    done = [path for path in folders if not path.name.startswith(".") and path.name != but]
    for path in [*done[: len(done) - (KEPT - 1)], *(path for path in folders if path.name.startswith("."))]:
        shutil.rmtree(path, ignore_errors=True)
    for path in root.glob(f".{_CURRENT}.*"):
        path.unlink(missing_ok=True)


def _checksum_of(manifest: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(manifest, sort_keys=True).encode(), digest_size=16).hexdigest()


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
