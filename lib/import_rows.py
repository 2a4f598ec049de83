"""Reading CSV and JSONL files row by row, so that a bad row is reported and never stops or damages the others.

Shared by `import_outputs` and `import_needs`: they say which columns they know and how one row is saved; here lives
encoding, headers, line numbers, savepoints, duplicate ids, counting and the report. Nothing here knows a model.
"""

import codecs
import csv
import json
import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from lib import cleaning as validators
from lib.refusals import Denied, WrongState

MOST_BYTES = 1024**3


MOST_CHARACTERS_OF_A_LINE = 4_000_000


SAMPLE_LINES = 2000


ID = "id"


# field of the model → other names a column may have; the field's own name is always understood
Columns = Mapping[str, tuple[str, ...]]


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why."""


class Conflict(Exception):
    """A row meets something an import must not overwrite; the message says what."""


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts at, and raw values by field. Only columns of the file are in `cells`."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowError:
    """`column` is the name in the file, empty when the whole row is at fault."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        if self.column:
            return _("第 %(line)s 行，%(column)s：%(reason)s") % {
                "line": self.line,
                "column": self.column,
                "reason": self.reason,
            }
        return _("第 %(line)s 行：%(reason)s") % {"line": self.line, "reason": self.reason}


@dataclass(slots=True)
class Summary:
    """What an import did. `failed` counts rows, `errors` may hold several of one row."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    failed: int = 0
    errors: list[RowError] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return _("新建 %(created)s，更新 %(updated)s，未变 %(unchanged)s，失败 %(failed)s") % {
            **{outcome.value: self.counts[outcome] for outcome in Outcome},
            "failed": self.failed,
        }


# --- reading -------------------------------------------------------------------------------------------------------
class Reader:
    """The rows of a file in which columns are called by the names in `columns`. Iterate once.

    `ignored` holds the columns nobody knows, filled while reading.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path = path
        self.names = {_bare(name): fld for fld, names in columns.items() for name in (fld, *names)}
        self.headers: dict[str, str] = {}  # field → name in the file
        self.ignored: dict[str, None] = {}
        self.encoding = _encoding(path)

    def __iter__(self) -> Iterator[Row | RowError]:
        with self.path.open(encoding=self.encoding, errors="surrogateescape", newline="") as file:
            yield from self._jsonl(file) if _is_jsonl(self.path) else self._csv(file)

    def _jsonl(self, file: TextIO) -> Iterator[Row | RowError]:
        for number, text in enumerate(_lines(file), start=1):
            if not text.strip():
                continue
            if _is_broken(text):
                yield RowError(number, "", _broken_text())
                continue
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):  # also a number of thousands of digits
                value = None
            if isinstance(value, dict):
                yield self._row(number, value)
            else:
                yield RowError(number, "", _("不是一个 JSON 对象。"))

    def _csv(self, file: TextIO) -> Iterator[Row | RowError]:
        csv.field_size_limit(MOST_CHARACTERS_OF_A_LINE // 2)
        lines = _lines(file)
        head = next(lines)
        delimiter = max(",\t;", key=head.count)
        rows = csv.reader(chain([head], lines), delimiter=delimiter, strict=True)
        names: list[str] | None = None
        while True:
            line = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield RowError(line, "", _("引号没有配对，或单元格过长；引号未闭合时其后的行也没有读到。"))
                if names is None:
                    return
            else:
                if names is None:
                    names = cells  # a name in quotes may hold a line break
                elif any(cell.strip() for cell in cells):
                    yield self._csv_row(line, names, cells)

    def _csv_row(self, line: int, names: list[str], cells: list[str]) -> Row | RowError:
        if len(cells) > len(names):
            return RowError(line, "", _("单元格比表头多，请检查分隔符与引号。"))
        for name, cell in zip(names, cells, strict=False):
            if _is_broken(cell):
                return RowError(line, name, _broken_text())
        return self._row(line, dict(zip(names, cells, strict=False)))

    def _row(self, line: int, raw: dict[str, Any]) -> Row:
        cells = {}
        for header, value in raw.items():
            fld = self.names.get(_bare(header))
            if fld is None:
                self.ignored.setdefault(header)
                continue
            self.headers[fld] = header
            cells[fld] = value
        return Row(line, cells)


def _is_jsonl(path: Path) -> bool:
    return path.suffix.lower() in {".jsonl", ".ndjson", ".json"}


def _bare(name: str) -> str:
    """A column's name without what people add to it: 名称（必填）* → 名称."""
    return re.sub(r"\(.*?\)|[\s*_-]", "", validators.half_width(name.lstrip("\ufeff"))).casefold()


def _is_broken(text: str) -> bool:
    """Bytes that are no text in the file's encoding arrive as half surrogates."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _broken_text() -> str:
    return _("有无法识别的字符，请检查文件编码。")


def _lines(file: TextIO) -> Iterator[str]:
    """Lines, an endless one cut short: what is left of it will not parse and is reported."""
    while text := file.readline(MOST_CHARACTERS_OF_A_LINE):
        rest = text
        while len(rest) == MOST_CHARACTERS_OF_A_LINE and not rest.endswith("\n"):
            rest = file.readline(MOST_CHARACTERS_OF_A_LINE)
        yield text


def _encoding(path: Path) -> str:
    """UTF-8 (with or without its mark) or GB18030, whichever more of the first lines are valid in."""
    try:
        with path.open("rb") as file:
            sample = [line for line in (file.readline(65_536) for _number in range(SAMPLE_LINES)) if line]
    except OSError as problem:
        raise Unreadable(_("文件打不开：%(problem)s") % {"problem": problem.strerror}) from problem
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(_("文件超过 1 GB，请拆分后再导入。"))
    if not sample:
        raise Unreadable(_("文件是空的。"))
    if sample[0].startswith(b"PK"):
        raise Unreadable(_("这是 Excel 工作簿，请另存为“CSV（逗号分隔）”后再导入。"))
    if sample[0].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(_("文件是 UTF-16 编码，请另存为 UTF-8 后再导入。"))
    if b"\0" in sample[0]:
        raise Unreadable(_("这不是文本文件。"))
    return max(("utf-8-sig", "gb18030"), key=lambda encoding: sum(_is_valid(line, encoding) for line in sample))


def _is_valid(line: bytes, encoding: str) -> bool:
    try:
        # a sampled line may be cut inside a character
        codecs.getincrementaldecoder(encoding)().decode(line)
    except UnicodeDecodeError:
        return False
    return True


# --- importing -----------------------------------------------------------------------------------------------------
def import_rows(
    path: Path,
    *,
    columns: Columns,
    save: Callable[[str, dict[str, Any]], Outcome],
    progress: Callable[[int], None] = lambda _rows: None,
) -> Summary:
    """Hand every row to `save(external_id, raw cells)`, each in a savepoint of the caller's transaction.

    `progress` hears of every thousandth row. An import that is killed leaves nothing behind and is simply repeated.
    `save` raises ValidationError by field, Conflict, Denied or WrongState for a row it cannot take. Raises
    `Unreadable` when the file as a whole cannot be read.
    """
    reader = Reader(path, columns)
    summary = Summary()
    lines_of_ids: dict[str, int] = {}
    for number, row in enumerate(reader, start=1):
        if number % 1000 == 0:
            progress(number)
        if isinstance(row, RowError):
            summary.failed += 1
            summary.errors.append(row)
            continue
        try:
            external_id = _identify(row, lines_of_ids)
            with transaction.atomic():
                outcome = save(external_id, {name: value for name, value in row.cells.items() if name != ID})
            summary.counts[outcome] += 1
        except (ValidationError, Conflict, Denied, WrongState, DataError, IntegrityError) as problem:
            summary.failed += 1
            summary.errors += _row_errors(row.line, problem, reader.headers)
    if reader.headers.keys() <= {ID}:
        raise Unreadable(_("没有认识的列。可用的列名：%(names)s") % {"names": "、".join(columns)})
    summary.ignored_columns = list(reader.ignored)
    return summary


def _identify(row: Row, lines_of_ids: dict[str, int]) -> str:
    try:
        external_id = validators.line(row.cells.get(ID), limit=80, required=True)
    except ValidationError as error:
        raise ValidationError({ID: error}) from error
    if external_id in lines_of_ids:
        raise Conflict(_("编号与第 %(line)s 行重复。") % {"line": lines_of_ids[external_id]})
    lines_of_ids[external_id] = row.line
    return external_id


def _row_errors(line: int, problem: Exception, headers: Mapping[str, str]) -> list[RowError]:
    if isinstance(problem, ValidationError) and hasattr(problem, "error_dict"):
        return [
            RowError(line, headers.get(name, name), sentence)
            for name, sentences in problem.message_dict.items()
            for sentence in sentences
        ]
    if isinstance(problem, DataError | IntegrityError):
        # a database's own words help nobody who has a table in front of them
        return [RowError(line, "", _("数据库拒绝了这一行（%(kind)s）。") % {"kind": type(problem).__name__})]
    if isinstance(problem, ValidationError):
        return [RowError(line, "", sentence) for sentence in problem.messages]
    return [RowError(line, "", str(problem))]


# --- the command line ----------------------------------------------------------------------------------------------
def add_arguments(parser: ArgumentParser) -> None:
    """What every import command is told."""
    parser.add_argument("file", type=Path, help=_("CSV 或 JSONL 文件（UTF-8 或 GB18030）"))
    parser.add_argument("--source", required=True, help=_("来源名称；与编号一起识别重复导入"))
    parser.add_argument("--organisation", required=True, metavar="CODE", help=_("归属机构的编号"))
    parser.add_argument("--update", action="store_true", help=_("已提交、已发布或导入后改过的也更新"))


def progress_on(out: Any) -> Callable[[int], None]:
    """For `import_rows(progress=…)`: a line on `out` (a command's stream) now and then."""
    return lambda rows: out.write(_("已读 %(rows)s 行…") % {"rows": rows})


def write_report(summary: Summary, *, out: Any, errors: Any) -> None:
    """Errors line by line on `errors`, then one line of counts on `out` (streams of a command)."""
    for error in summary.errors:
        errors.write(str(error))
    if summary.ignored_columns:
        out.write(_("未使用的列：%(names)s") % {"names": "、".join(summary.ignored_columns[:20])})
    out.write(str(summary))
