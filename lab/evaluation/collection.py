"""Needs, outputs and what people said of pairs of them: read from a folder, or made of the demo data."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.engine.documents import Document

MIN_JUDGED = 10
RELEVANT = 2
MOST_GRADE = 3

NEEDS, OUTPUTS, JUDGEMENTS = "needs.jsonl", "outputs.jsonl", "judgements.csv"


class BadFolder(ValueError):
    """Something in the folder cannot be used; the message is one line with file and line number."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Needs and outputs by id, in file order, and grades: need id → output id → 0…3. `note`: what to know of it."""

    needs: Mapping[str, Document]
    outputs: Mapping[str, Document]
    judgements: Mapping[str, Mapping[str, int]]
    note: str = ""

    def counted(self) -> list[str]:
        """The needs with enough judgements to be ranked; BadFolder when there is none."""
        counted = [
            need
            for need, grades in self.judgements.items()
            if len(grades) >= MIN_JUDGED and max(grades.values()) >= RELEVANT
        ]
        if not counted:
            raise BadFolder(
                f"nothing to measure: no need has {MIN_JUDGED} judged outputs and one of grade {RELEVANT} or better"
            )
        return counted


def load_folder(folder: Path) -> Collection:
    """Read needs.jsonl (id, title, content), outputs.jsonl (id, title, abstract?, keywords?) and judgements.csv."""
    missing = [name for name in (NEEDS, OUTPUTS, JUDGEMENTS) if not (folder / name).is_file()]
    if missing:
        raise BadFolder(f"{folder}: missing {', '.join(missing)}")
    needs = _read_documents(folder / NEEDS, body="content")
    outputs = _read_documents(folder / OUTPUTS, body="abstract")
    return Collection(needs, outputs, _read_judgements(folder / JUDGEMENTS, needs, outputs))


def demo_collection(folder: Path) -> Collection:
    """The demo data as if somebody had judged it: a need's partner is graded 3, the others of its theme 0."""
    needs = _demo_documents(folder, "needs", ("background", "difficulty", "technical_field", "benchmark"))
    outputs = _demo_documents(folder, "outputs", ("summary", "innovations", "technical_field"))
    with (folder / "partners.csv").open(encoding="utf-8", newline="") as lines:
        partners = {row["need"]: row["output"] for row in csv.DictReader(lines)}
    judgements = {
        need: {output: MOST_GRADE * (output == partner) for output in outputs if _theme(output) == _theme(partner)}
        for need, partner in partners.items()
    }
    note = (
        "The demo data, written by us: each need has one output written for it (graded 3), the others of the same "
        "theme count as 0. Texts only. It shows that the command works; it says little about the engine."
    )
    return Collection(needs, outputs, judgements, note)


def _demo_documents(folder: Path, name: str, fields: tuple[str, ...]) -> dict[str, Document]:
    documents = {}
    for path in sorted(folder.glob(f"{name}-*.jsonl")):
        for _number, row in _objects(path):
            texts = [row[field] if isinstance(row[field], str) else "\n".join(row[field]) for field in fields]
            documents[row["key"]] = Document(
                key=row["key"], title=row["title"], keywords=tuple(row["keywords"]), body="\n".join(texts)
            )
    return documents


def _theme(key: str) -> str:
    """out-03-11 is the eleventh output of theme out-03."""
    return key.rpartition("-")[0]


def _read_documents(path: Path, *, body: str) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for number, row in _objects(path):
        if not isinstance(row.get("id"), str) or not row["id"]:
            raise BadFolder(f"{path}:{number}: each line is an object with a text id")
        if row["id"] in documents:
            raise BadFolder(f"{path}:{number}: id {row['id']} appears twice")
        keywords = row.get("keywords") or []
        keywords = [keywords] if isinstance(keywords, str) else keywords
        if not isinstance(keywords, list):
            raise BadFolder(f"{path}:{number}: keywords are a list of texts")
        documents[row["id"]] = Document(
            key=row["id"],
            title=_text(row, "title", path, number),
            keywords=tuple(map(str, keywords)),
            body=_text(row, body, path, number),
        )
    return documents


def _text(row: Mapping[str, Any], name: str, path: Path, number: int) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise BadFolder(f"{path}:{number}: {name} is a text")
    return value


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadFolder(f"{path}:{number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict):
            raise BadFolder(f"{path}:{number}: each line is an object")
        yield number, row


def _read_judgements(
    path: Path, needs: Mapping[str, Document], outputs: Mapping[str, Document]
) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = next(csv.reader([line]))
        if number == 1 and fields == ["need_id", "output_id", "grade"]:
            continue
        if len(fields) != 3 or fields[2] not in {str(grade) for grade in range(MOST_GRADE + 1)}:
            raise BadFolder(f"{path}:{number}: a line is need_id,output_id,grade with a grade from 0 to {MOST_GRADE}")
        need, output, grade = fields
        if need not in needs:
            raise BadFolder(f"{path}:{number}: need {need} is not in needs.jsonl")
        if output not in outputs:
            raise BadFolder(f"{path}:{number}: output {output} is not in outputs.jsonl")
        judgements.setdefault(need, {})[output] = int(grade)
    return judgements


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers; UTF-8 with or without a byte-order mark."""
    for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadFolder(f"{path}:{number}: not UTF-8") from error
        if line.strip():
            yield number, line
