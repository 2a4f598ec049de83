"""The evaluation measures what it says, by the protocol of docs/evaluation.md, and says clearly what it cannot read."""

import csv
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lab.evaluation.collection import (
    BadFolder,
    demo_collection,
    load_folder,
)
from lab.evaluation.engine import Similarities, Texts, as_in_a_run
from lab.evaluation.report import Report, evaluate
from matching.engine.documents import Document
from matching.engine.index import Gathered, names_of, of_outputs
from matching.engine.prepared import Prepared
from matching.engine.scoring import score_pair
from matching.engine.weights import DEFAULT

DEMO = Path(__file__).parents[2] / "demo"
SUBJECTS = ["轴承钢连铸偏析", "锂电池低温电解液", "电镀废水破络", "风机叶片除冰"]


def write(folder: Path, name: str, lines: list[object]) -> None:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / name).write_text(text + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four needs with ten judged outputs each, of which the three about its subject fit, and one need with two."""
    outputs = [
        {"id": f"o{s}{i}", "title": f"{subject}第{i}号方法", "abstract": f"关于{subject}", "keywords": [subject[:3]]}
        for s, subject in enumerate(SUBJECTS)
        for i in range(3)
    ]
    needs = [{"id": f"n{s}", "title": f"求{subject}的办法"} for s, subject in enumerate(SUBJECTS)]
    needs.append({"id": "few", "title": "只判了两条", "content": "不足以计入"})
    judgements = ["need_id,output_id,grade"]
    for s in range(len(SUBJECTS)):
        own = [output["id"] for output in outputs if output["id"].startswith(f"o{s}")]
        rest = [output["id"] for output in outputs if output["id"] not in own]
        judgements += [f"n{s},{output},{grade}" for output, grade in zip(own, (2, 2, 2), strict=True)]
        judgements += [f"n{s},{output},0" for output in rest[:7]]
    write(tmp_path, "needs.jsonl", needs)
    write(tmp_path, "outputs.jsonl", outputs)
    write(tmp_path, "judgements.csv", [*judgements, "few,o00,3", "few,o10,0"])
    return tmp_path


@pytest.fixture
def report(folder: Path) -> Report:
    return evaluate(load_folder(folder))


def test_needs_with_few_judgements_are_left_out_of_the_figures_but_not_of_the_scores(report: Report):
    assert (report.needs, report.outputs, report.pairs) == (5, 12, 42)
    assert (report.judged_needs, report.counted_needs) == (5, 4)
    assert {need for need, _output, _score in report.scores} == {"n0", "n1", "n2", "n3", "few"}


def test_an_easy_folder_is_ranked_perfectly_and_beats_chance(report: Report):
    rows = {row.name: row for row in report.rows}
    assert list(rows) == ["engine", "random", "keyword overlap", "BM25 of words", "character 1-3-grams"]
    engine = rows["engine"]
    assert (engine.mrr.mean, engine.precision.mean, engine.recall.mean) == (1.0, 0.6, 1.0)
    assert engine.ndcg.mean == 1.0
    assert rows["random"].gain.mean == pytest.approx(engine.ndcg.mean - rows["random"].ndcg.mean, abs=1e-3)
    assert rows["random"].gain.mean > 0
    assert all(row.ndcg.low <= row.ndcg.mean <= row.ndcg.high for row in report.rows)


def test_equal_scores_are_ordered_against_the_system(tmp_path: Path):
    write(tmp_path, "needs.jsonl", [{"id": "n", "title": "古琴音色"}])
    write(tmp_path, "outputs.jsonl", [{"id": f"o{i}", "title": "电解液"} for i in range(10)])
    write(tmp_path, "judgements.csv", [f"n,o{i},{3 if i == 0 else 0}" for i in range(10)])
    engine = evaluate(load_folder(tmp_path)).rows[0]
    assert engine.mrr.mean == 0.1


def test_the_best_simple_baseline_is_marked(report: Report):
    simple = {row.name: row.ndcg.mean for row in report.rows[1:]}
    assert simple[report.best_simple] == max(simple.values())
    marked = [line for line in report.to_text().splitlines() if line.endswith("← best simple")]
    assert [line.split("  ")[0] for line in marked] == [report.best_simple]


def test_scores_are_those_of_a_run_whose_statistics_count_the_needs(folder: Path, report: Report):
    collection = load_folder(folder)
    outputs = [Prepared.of(document) for document in collection.outputs.values()]
    needs = [Prepared.of(document) for document in collection.needs.values()]
    keys = names_of([f"{row:02d}" for row in range(len(outputs))])
    gathered = Gathered.of([output.terms for output in outputs])
    _segment, statistics = of_outputs(keys, gathered, Gathered.of([need.terms for need in needs]), version="test")
    scored = score_pair(needs[0], outputs[0], statistics)
    assert ("n0", "o00", str(scored.score)) in report.scores


def test_scores_of_many_pairs_at_once_are_those_of_a_run(folder: Path):
    texts = Texts(load_folder(folder))
    scores, found = as_in_a_run(texts, DEFAULT)
    at_once = Similarities.of(texts)
    assert at_once.scores(texts, DEFAULT) == pytest.approx(scores, abs=0.011)
    assert [rows.tolist() for rows in at_once.retrieved(DEFAULT)] == [rows.tolist() for rows in found]


def test_the_same_folder_gives_the_same_figures(folder: Path, report: Report):
    assert evaluate(load_folder(folder)) == report


def test_the_text_report_names_every_ranking_and_the_counts(report: Report):
    text = report.to_text()
    assert "5 needs, 12 outputs, 42 judged pairs of 5 needs; 4 needs count" in text
    assert all(row.name in text for row in report.rows)


def test_optional_fields_are_read_when_there(folder: Path):
    collection = load_folder(folder)
    assert collection.outputs["o00"] == Document(
        key="o00", title="轴承钢连铸偏析第0号方法", keywords=("轴承钢",), body="关于轴承钢连铸偏析"
    )
    assert collection.needs["n0"].body == ""


def test_a_byte_order_mark_and_empty_lines_do_no_harm(folder: Path):
    path = folder / "judgements.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n\r\n")
    assert load_folder(folder).judgements["n0"]["o00"] == 2


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("needs.jsonl", "{", "needs.jsonl:6: not JSON"),
        ("needs.jsonl", "[1]", "needs.jsonl:6: each line is an object"),
        ("needs.jsonl", '{"id": 7}', "needs.jsonl:6: each line is an object with a text id"),
        ("needs.jsonl", '{"id": "n0"}', "needs.jsonl:6: id n0 appears twice"),
        ("needs.jsonl", '{"id": "x", "title": 5}', "needs.jsonl:6: title is a text"),
        ("outputs.jsonl", '{"id": "x", "keywords": 5}', "outputs.jsonl:13: keywords are a list of texts"),
        ("judgements.csv", "n0,o00", "judgements.csv:44: a line is need_id,output_id,grade"),
        ("judgements.csv", "n0,o00,4", "judgements.csv:44: a line is need_id,output_id,grade"),
        ("judgements.csv", "nobody,o00,1", "judgements.csv:44: need nobody is not in needs.jsonl"),
        ("judgements.csv", "n0,nothing,1", "judgements.csv:44: output nothing is not in outputs.jsonl"),
    ],
)
def test_a_bad_line_is_named_by_file_number_and_reason(folder: Path, name: str, line: str, message: str):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(BadFolder, match=message):
        load_folder(folder)


def test_a_file_in_another_encoding_is_named(folder: Path):
    (folder / "needs.jsonl").write_bytes('{"id": "n0", "title": "钢"}'.encode("gb18030"))
    with pytest.raises(BadFolder, match=r"needs.jsonl:1: not UTF-8"):
        load_folder(folder)


def test_missing_files_are_named(folder: Path):
    (folder / "judgements.csv").unlink()
    with pytest.raises(BadFolder, match=r"missing judgements.csv"):
        load_folder(folder)


def test_too_few_judgements_say_what_is_needed(folder: Path):
    write(folder, "judgements.csv", ["need_id,output_id,grade", "n0,o00,3"])
    with pytest.raises(BadFolder, match="no need has 10 judged outputs and one of grade 2 or better"):
        evaluate(load_folder(folder))


def test_keys_of_any_length_are_read(tmp_path: Path):
    long = "an-identifier-longer-than-sixteen-bytes-"
    write(tmp_path, "needs.jsonl", [{"id": f"{long}n", "title": "电解液"}])
    write(tmp_path, "outputs.jsonl", [{"id": f"{long}{i}", "title": "低温电解液"} for i in range(10)])
    write(tmp_path, "judgements.csv", [f"{long}n,{long}{i},{3 if i == 0 else 0}" for i in range(10)])
    assert evaluate(load_folder(tmp_path)).counted_needs == 1


def test_the_demo_data_serves_where_there_is_no_folder():
    collection = demo_collection(DEMO)
    assert collection.judgements["need-01-1"]["out-01-04"] == 3
    assert {output[:6] for output in collection.judgements["need-01-1"]} == {"out-01"}
    assert {sorted(grades.values())[-2:] == [0, 3] for grades in collection.judgements.values()} == {True}
    assert len(collection.counted()) == 40
    assert "written by us" in collection.note


# --- the command ---------------------------------------------------------------------------------------------


def test_the_command_prints_the_report_and_writes_figures_and_scores(folder: Path, tmp_path: Path, capsys):
    figures, scores = tmp_path / "figures.json", tmp_path / "scores.csv"
    call_command("evaluate_matching", str(folder), json=figures, scores=scores)
    said = capsys.readouterr()
    assert "nDCG@10" in said.out
    assert "engine" in said.err
    assert json.loads(figures.read_text())["rows"][0]["name"] == "engine"
    with scores.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["need_id", "output_id", "score"]
    assert len(rows) == 1 + 42


def test_the_command_answers_a_bad_folder_with_one_line(tmp_path: Path):
    with pytest.raises(CommandError, match=r"missing needs\.jsonl, outputs\.jsonl, judgements\.csv"):
        call_command("evaluate_matching", str(tmp_path))


def test_learning_is_asked_for(folder: Path, capsys):
    call_command("evaluate_matching", str(folder))
    assert "learnt from other needs" not in capsys.readouterr().out
    call_command("evaluate_matching", str(folder), weights="cv")
    assert "Weights learnt from other needs (nested cross-validation)" in capsys.readouterr().out
