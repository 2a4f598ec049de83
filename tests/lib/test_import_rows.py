"""Files as people have them are read row by row; what is wrong is said with line, column and reason."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.permissions import Denied
from lib import cleaning as validators
from lib.import_rows import (
    Conflict,
    Outcome,
    Reader,
    Row,
    RowError,
    Unreadable,
    import_rows,
)
from solutions.indicator.phrases import parse_indicators

COLUMNS = {"id": ("编号",), "title": ("名称",), "summary": ("简介", "abstract"), "price": ("价格",)}


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows_of(path: Path) -> list[Row | RowError]:
    return list(Reader(path, COLUMNS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_as_excel_writes_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [["编号", "名称（必填）*", "价格（万元）"], ["1", "轴承钢", "260"], ["2", "齿轮", ""]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert rows_of(write(tmp_path / "a.csv", text, encoding)) == [
        Row(2, {"id": "1", "title": "轴承钢", "price": "260"}),
        Row(3, {"id": "2", "title": "齿轮", "price": ""}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_one_json_object_a_line(tmp_path: Path, encoding: str) -> None:
    text = '{"id": 1, "title": "轴承钢", "abstract": "简介"}\n\n{"id": "2", "名称": "齿轮"}\n'
    assert rows_of(write(tmp_path / "a.jsonl", text, encoding)) == [
        Row(1, {"id": 1, "title": "轴承钢", "summary": "简介"}),
        Row(3, {"id": "2", "title": "齿轮"}),
    ]


def test_a_bad_line_of_json_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    text = b'{"id": 1\n[1, 2]\n{"id": "\xff\xff"}\n{"id": "4"}\n'
    rows = rows_of(write(tmp_path / "a.jsonl", text))
    assert [str(row) for row in rows[:3]] == [
        "第 1 行：不是一个 JSON 对象。",
        "第 2 行：不是一个 JSON 对象。",
        "第 3 行：有无法识别的字符，请检查文件编码。",
    ]
    assert rows[3] == Row(4, {"id": "4"})


def test_line_numbers_count_lines_of_the_file_not_rows(tmp_path: Path) -> None:
    text = '编号,名称\n1,"两行的\n名称"\n\n2,齿轮\n'
    assert rows_of(write(tmp_path / "a.csv", text)) == [
        Row(2, {"id": "1", "title": "两行的\n名称"}),
        Row(5, {"id": "2", "title": "齿轮"}),
    ]


def test_a_column_name_may_hold_a_line_break(tmp_path: Path) -> None:
    """Excel writes what people broke with Alt+Enter."""
    text = '编号,"名称\n（必填）",价格\n1,轴承钢,260\n'
    assert rows_of(write(tmp_path / "a.csv", text)) == [Row(3, {"id": "1", "title": "轴承钢", "price": "260"})]


def test_a_header_that_cannot_be_read_is_no_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '编号,"名"称\n1,轴承钢\n')
    assert [type(row) for row in rows_of(path)] == [RowError]
    with pytest.raises(Unreadable, match="没有认识的列"):
        import_rows(path, columns=COLUMNS, save=lambda *_row: Outcome.CREATED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        "9" * 5000,  # a number Python refuses to read
        "[" * 600 + "]" * 600,  # read, and too deep to be walked
        "[" * 100_000,
        '{"zh": "轴承钢"}',
        "[[1]]",
    ],
)
@pytest.mark.parametrize("column", ["id", "title", "indicators"])
def test_a_value_of_the_wrong_shape_costs_its_own_row_only(tmp_path: Path, column: str, value: str) -> None:
    def save(_external_id: str, raw: dict[str, Any]) -> Outcome:
        validators.line(raw.get("title"), limit=120)
        parse_indicators(raw.get("indicators"))
        return Outcome.CREATED

    cells = {"id": '"1"', column: value}
    bad = ", ".join(f'"{name}": {written}' for name, written in cells.items())
    path = write(tmp_path / "a.jsonl", f'{{{bad}}}\n{{"id": "2", "title": "齿轮"}}\n')
    summary = import_rows(path, columns={**COLUMNS, "indicators": ()}, save=save)
    assert (summary.failed, summary.counts[Outcome.CREATED]) == (1, 1)
    assert summary.errors[0].line == 1


@pytest.mark.parametrize("cell", ["[" * 100_000, "[" + "9" * 5000 + "]"])
def test_a_cell_of_impossible_json_is_a_bad_cell(cell: str) -> None:
    with pytest.raises(ValidationError, match="JSON"):
        parse_indicators(cell)


def test_broken_cells_are_named_with_their_column(tmp_path: Path) -> None:
    text = "编号,名称\n1,轴承钢\n2,".encode() + b"\xff\xfe\n3," + "齿轮\n4,a,b,c\n5,好\n".encode()
    rows = rows_of(write(tmp_path / "a.csv", text))
    assert rows[1] == RowError(3, "名称", "有无法识别的字符，请检查文件编码。")
    assert isinstance(rows[3], RowError)
    assert rows[3].line == 5
    assert rows[4] == Row(6, {"id": "5", "title": "好"})


def test_a_stray_quote_is_named_and_the_next_row_is_read(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "a.csv", '编号,名称\n1,"引号"多了\n2,齿轮\n'))
    assert isinstance(rows[0], RowError)
    assert rows[1] == Row(3, {"id": "2", "title": "齿轮"})


def test_an_endless_line_is_cut_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.import_rows.MOST_CHARACTERS_OF_A_LINE", 100)
    text = '{"id": "' + "x" * 1000 + '"}\n{"id": "2"}\n'
    rows = rows_of(write(tmp_path / "a.jsonl", text))
    assert isinstance(rows[0], RowError)
    assert rows[1] == Row(2, {"id": "2"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04rest", "Excel 工作簿"),
        ("编号".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0", "不是文本文件"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_way_out(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        rows_of(write(tmp_path / "a.csv", content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="文件打不开"):
        rows_of(tmp_path / "nothing.csv")


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.import_rows.MOST_BYTES", 3)
    with pytest.raises(Unreadable, match="1 GB"):
        rows_of(write(tmp_path / "a.csv", "编号,名称\n"))


# --- rows to outcomes ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_row_is_saved_or_named_and_none_stops_another(tmp_path: Path) -> None:
    text = (
        "编号,名称,简介,备注\n1,好,,\n2,错,,\n3,冲突,,\n,没编号,,\n1,重复,,\n6,拒绝,,\n7,数据库,,\n8,散句,,\n9,又好,,\n"
    )
    saved: list[str] = []

    def save(external_id: str, raw: dict[str, Any]) -> Outcome:
        problems: dict[str, Exception] = {
            "错": ValidationError({"summary": ["太短。", "太空。"]}),
            "冲突": Conflict("已由机构修改。"),
            "拒绝": Denied("不行。"),
            "数据库": IntegrityError("constraint secret_name"),
            "散句": ValidationError("哪里都不对。"),
        }
        if problem := problems.get(raw["title"]):
            raise problem
        saved.append(external_id)
        return Outcome.CREATED

    summary = import_rows(write(tmp_path / "a.csv", text), columns=COLUMNS, save=save)
    assert saved == ["1", "9"]
    assert [str(error) for error in summary.errors] == [
        "第 3 行，简介：太短。",
        "第 3 行，简介：太空。",
        "第 4 行：已由机构修改。",
        "第 5 行，编号：请填写此项。",
        "第 6 行：编号与第 2 行重复。",
        "第 7 行：不行。",
        "第 8 行：数据库拒绝了这一行（IntegrityError）。",
        "第 9 行：哪里都不对。",
    ]
    assert str(summary) == "新建 2，更新 0，未变 0，失败 7"
    assert summary.ignored_columns == ["备注"]


@pytest.mark.django_db
def test_a_file_whose_columns_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="没有认识的列"):
        import_rows(write(tmp_path / "a.csv", "甲,乙\n1,2\n"), columns=COLUMNS, save=lambda *_row: Outcome.CREATED)


# --- indicators in one cell ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("抗拉强度≥980MPa", ("抗拉强度", "ge", "980", None, "MPa", "")),
        ("延伸率≥12%（室温）", ("延伸率", "ge", "12", None, "%", "室温")),
        ("误报率不超过 ３．８ ％", ("误报率", "le", "3.8", None, "%", "")),
        ("厚度0.5~0.8mm", ("厚度", "range", "0.5", "0.8", "mm", "")),
        ("硬度 58-62 HRC", ("硬度", "range", "58", "62", "HRC", "")),
        ("直径 10±0.1 mm", ("直径", "range", "9.9", "10.1", "mm", "")),
        ("导热系数≥1.5 W/(m·K)（25℃）", ("导热系数", "ge", "1.5", None, "W/(m·K)", "25℃")),
        ("寿命≥1×10⁵次", ("寿命", "ge", "100000", None, "次", "")),
        ("冲击功≥27J(-40℃)", ("冲击功", "ge", "27", None, "J", "-40℃")),
        ("功率密度：3.2 kW/kg", ("功率密度", "eq", "3.2", None, "kW/kg", "")),
        ("PM2.5浓度≤35 μg/m³", ("PM2.5浓度", "le", "35", None, "μg/m³", "")),
        ("100/120粒度的抗冲击韧性≥67%", ("100/120粒度的抗冲击韧性", "ge", "67", None, "%", "")),
    ],
)
def test_an_indicator_is_read_out_of_a_phrase(phrase: str, expected: tuple[Any, ...]) -> None:
    (row,) = parse_indicators(phrase)
    name, comparison, low, high, unit, condition = expected
    assert (row["name"], row["comparison"], row["unit"], row["condition"]) == (name, comparison, unit, condition)
    assert row["value"] == Decimal(low)
    assert row["value_max"] == (None if high is None else Decimal(high))


def test_several_phrases_make_several_rows_in_order() -> None:
    rows = parse_indicators("抗拉强度≥980MPa；延伸率≥12%（室温）;\n硬度≥58HRC。")
    assert [row["name"] for row in rows] == ["抗拉强度", "延伸率", "硬度"]
    assert parse_indicators(None) == []


def test_rows_of_json_are_taken_as_they_are() -> None:
    sent = '[{"name": "强度", "comparison": "range", "value": 1.5, "value_max": 2, "unit": "MPa", "is_public": false}]'
    (row,) = parse_indicators(sent)
    assert (row["value"], row["value_max"], row["is_public"]) == (Decimal("1.5"), Decimal(2), False)
    assert parse_indicators([{"name": "强度", "value": 1}])[0]["comparison"] == "ge"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("性能很好", "第 1 条指标：看不懂“性能很好”"),
        ("强度≥1MPa；性能很好", "第 2 条指标"),
        ('[{"name": ""}]', "第 1 条指标：请填写此项。请填写数字。"),
        ("[1, 2", "不是有效的 JSON"),
        ("；".join(f"指标{number}甲≥1MPa" for number in range(31)), "指标最多 30 行"),
    ],
)
def test_what_is_no_indicator_is_named(sent: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_indicators(sent)
    assert reason in "".join(caught.value.messages)


@pytest.mark.django_db
def test_a_long_import_says_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(f'{{"id": "{number}", "title": "x"}}\n' for number in range(2500)), encoding="utf-8")
    heard: list[int] = []
    import_rows(path, columns=COLUMNS, save=lambda _id, _cells: Outcome.CREATED, progress=heard.append)
    assert heard == [1000, 2000]
