"""manage.py import_needs: idempotent by source and id, a bad row named and harmless to the others."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from needs import signals
from needs.models import Need
from needs.need.actions import change_need, submit_needs
from tests.factories.accounts import MembershipFactory, OrganisationFactory

CSV = (
    "编号,名称,需求类型,行业,背景与现状,技术指标,预算上限,成熟度,地区,合作方式,联系电话\n"
    "1,示例需求甲,关键零部件,C34,现有轴承寿命不足,抗拉强度≥980MPa；延伸率≥12%（室温）,１２０,通过中试,杭州市,技术许可、联合开发,0571-88001234\n"
    "2,示例需求乙,,,只有背景,,,,,,\n"
)


@pytest.fixture
def importing(tmp_path: Path, enterprise):
    """`importing(text)` writes the file, imports it and returns what the command said: (stdout, stderr)."""

    def run(content: str | bytes, *, name: str = "needs.csv", **options: Any) -> tuple[str, str]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out, errors = StringIO(), StringIO()
        values = {"source": "示例来源", "organisation": enterprise.code, **options}
        call_command("import_needs", path, stdout=out, stderr=errors, **values)
        return out.getvalue(), errors.getvalue()

    return run


def test_rows_arrive_as_drafts_with_their_fields(importing, enterprise):
    out, errors = importing(CSV)
    assert "新建 2，更新 0，未变 0，失败 0" in out
    assert errors == ""
    first, second = Need.objects.order_by("external_id")
    assert (first.state, first.organisation, first.source, first.external_id) == ("draft", enterprise, "示例来源", "1")
    assert (first.need_type, first.industry, first.budget_max, first.trl_min) == ("key_component", "C34", 120, 7)
    assert (first.region_code, first.cooperation_modes) == ("330100", ["licence", "joint_development"])
    assert [str(row) for row in first.indicators.all()] == ["抗拉强度 ≥ 980 MPa", "延伸率 ≥ 12 %"]
    assert (second.title, second.need_type, second.background) == ("示例需求乙", "", "只有背景")


def test_jsonl_with_title_and_content_is_enough(importing):
    lines = [{"id": "a", "title": "示例", "content": "需求内容"}, {"id": "b", "title": "示例二", "content": "第二"}]
    importing("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), name="needs.jsonl")
    assert set(Need.objects.values_list("external_id", "background")) == {("a", "需求内容"), ("b", "第二")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_excel_writes_is_read(encoding, importing):
    importing(CSV.encode(encoding))
    assert Need.objects.filter(title="示例需求甲").exists()


def test_the_same_file_again_changes_nothing(importing):
    importing(CSV)
    changed_at = Need.objects.get(external_id="1").changed_at
    out, _errors = importing(CSV)
    assert "新建 0，更新 0，未变 2，失败 0" in out
    assert Need.objects.get(external_id="1").changed_at == changed_at


def test_a_changed_row_updates_its_draft(importing):
    importing(CSV)
    out, _errors = importing(CSV.replace("980", "1200"))
    assert "更新 1" in out
    assert Need.objects.get(external_id="1").indicators.first().value == 1200


def test_bad_rows_are_named_with_line_column_and_reason_and_stop_nothing(importing):
    head, first, second = CSV.splitlines()
    bad = [
        "3,,,,没有名称,,,,,,",
        "4,示例,没有的类型,,背景,,很多,,,,",
        "5,示例,,,背景,看不懂的指标,,,,,",
        "1,示例,,,编号重复,,,,,,",
    ]
    out, errors = importing("\n".join([head, first, *bad, second]))
    assert "新建 2，更新 0，未变 0，失败 4" in out
    for words in ("第 3 行，名称：", "第 4 行，需求类型：", "第 4 行，预算上限：", "第 5 行，技术指标：", "第 6 行"):
        assert words in errors
    assert Need.objects.count() == 2


@pytest.mark.parametrize("changed_by", ["owner", "submission"])
def test_what_the_owner_touched_is_overwritten_only_on_demand(changed_by, importing, buyer, enterprise):
    importing(CSV)
    need = Need.objects.get(external_id="1")
    if changed_by == "owner":
        change_need(need=need, values={"tried": "试过"}, indicators=None, by=buyer, at=timezone.now())
    else:
        _submit(need, buyer)
    changed = CSV.replace("现有轴承寿命不足", "新的背景")
    out, errors = importing(changed)
    assert "失败 1" in out
    assert "--update" in errors
    need.refresh_from_db()
    assert need.background == "现有轴承寿命不足"
    out, _errors = importing(changed, update=True)
    assert "更新 1" in out
    need.refresh_from_db()
    assert need.background == "新的背景"


def test_updating_a_matched_need_is_told_once_to_matching(importing, buyer):
    importing(CSV)
    for need in Need.objects.all():
        _submit(need, buyer)
    heard: list[int] = []

    def hear(needs: list[Need], **_kwargs: Any) -> None:
        heard.append(len(needs))

    signals.needs_changed.connect(hear)
    try:
        importing(
            CSV.replace("背景", "新背景").replace("新背景与现状", "背景与现状").replace("现有", "原有"), update=True
        )
    finally:
        signals.needs_changed.disconnect(hear)
    assert heard == [2]


def test_another_organisations_row_is_not_touched(importing):
    importing(CSV)
    out, errors = importing(CSV, organisation=OrganisationFactory().code)
    assert "失败 2" in out
    assert "示例江畔机械有限公司" in errors


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("", {}),
        ("甲,乙\n1,2\n", {}),
        (CSV, {"organisation": "O-999999"}),
    ],
)
def test_what_cannot_be_read_at_all_ends_with_one_line(content, options, importing):
    with pytest.raises(CommandError):
        importing(content, **options)
    assert not Need.objects.exists()


def test_a_university_imports_no_needs(importing, university):
    with pytest.raises(CommandError, match="类型"):
        importing(CSV, organisation=university.code)


def _submit(need: Need, by: Any) -> None:
    """Hand in as its owner would; an operator is there to take care of it."""
    MembershipFactory(organisation=OrganisationFactory(operator=True))
    submit_needs(needs=[need], declared=True, by=by, at=timezone.now()).only()
