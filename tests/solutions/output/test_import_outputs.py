"""`manage.py import_outputs`: repeatable, careful with what people did since, honest about each row."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Organisation, User
from solutions.models import Solution
from solutions.signals import solutions_changed, solutions_published
from solutions.solution.actions import change_solution, submit_solutions
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(university: Organisation, tmp_path: Path) -> Any:
    """`run(rows, *options)` imports rows as JSONL and returns (output, errors)."""

    def call(rows: list[dict[str, Any]] | Path, *options: str) -> tuple[str, str]:
        file = rows
        if isinstance(rows, list):
            file = tmp_path / "outputs.jsonl"
            file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        out, errors = StringIO(), StringIO()
        arguments = ["--source", "示例市场", "--organisation", university.code, *options]
        call_command("import_outputs", str(file), *arguments, stdout=out, stderr=errors)
        return out.getvalue(), errors.getvalue()

    return call


@pytest.fixture
def signals() -> Iterator[list[tuple[str, int]]]:
    heard: list[tuple[str, int]] = []

    def published(solutions: list[Solution], **_more: Any) -> None:
        heard.append(("published", len(solutions)))

    def changed(solutions: list[Solution], **_more: Any) -> None:
        heard.append(("changed", len(solutions)))

    solutions_published.connect(published)
    solutions_changed.connect(changed)
    yield heard
    solutions_published.disconnect(published)
    solutions_changed.disconnect(changed)


ROWS = [
    {"id": "a", "title": "轴承钢冶炼", "abstract": "真空脱气。", "keywords": ["轴承钢", "夹杂物"]},
    {"id": "b", "title": "齿轮渗碳", "abstract": "低压渗碳。", "keywords": "齿轮、渗碳"},
]


def test_rows_arrive_as_drafts_with_their_origin(run: Any, university: Organisation, signals: list[Any]) -> None:
    out, errors = run(ROWS)
    assert "新建 2，更新 0，未变 0，失败 0" in out
    assert errors == ""
    output = Solution.objects.get(external_id="a")
    assert (output.state, output.organisation, output.source) == ("draft", university, "示例市场")
    assert (output.summary, output.keywords) == ("真空脱气。", ["轴承钢", "夹杂物"])
    assert output.imported_at is not None
    assert output.output.trl_min is None
    assert AuditEvent.objects.filter(action="solution.import").count() == 2
    assert not signals


def test_every_column_of_a_table_is_understood(run: Any, tmp_path: Path) -> None:
    cells = {
        "编号": "1",
        "名称": "轴承钢",
        "简介": "简介",
        "应用行业": "C31、C34",
        "关键词": "轴承钢、夹杂物",
        "所在地区": "上海市徐汇区",
        "创新点": "低氧",
        "成熟度": "通过中试",
        "成熟度评价方式": "第三方评价",
        "知识产权状态": "已授权",
        "知识产权说明": "示例号",
        "转化方式": "作价入股、合作开发",
        "价格（万元）": "２６０",
        "完成单位": "示例大学",
        "完成人": "示例甲",
        "获奖情况": "示例奖",
        "委托技术经理人": "是",
        "技术指标": "抗拉强度≥980MPa；延伸率≥12%（室温）",
    }
    file = tmp_path / "成果.csv"
    file.write_bytes("\r\n".join([",".join(cells), ",".join(cells.values())]).encode("gb18030"))
    _out, errors = run(file)
    assert errors == ""
    output = Solution.objects.get()
    details = output.output
    assert (output.industries, output.region_code) == (["C31", "C34"], "310104")
    assert (details.trl_min, details.trl_max, details.maturity_assessed_by) == (7, 7, "third_party")
    assert (details.rights_status, details.transfer_modes) == ("granted", ["equity", "joint_development"])
    assert (details.price, details.broker_delegated, details.innovations) == (260, True, ["低氧"])
    assert [row.requirement for row in output.indicators.all()] == ["≥ 980 MPa", "≥ 12 %"]


def test_the_same_file_again_changes_nothing(run: Any) -> None:
    rows = [{**ROWS[0], "indicators": "抗拉强度≥980MPa"}]
    run(rows)
    before = Solution.objects.values().get()
    out, _errors = run(rows)
    assert "新建 0，更新 0，未变 1，失败 0" in out
    assert Solution.objects.values().get() == before
    assert AuditEvent.objects.count() == 1


def test_a_changed_row_updates_its_draft_and_keeps_columns_the_file_lacks(run: Any) -> None:
    run([{**ROWS[0], "awards": "示例奖", "indicators": "抗拉强度≥980MPa"}])
    out, _errors = run([{"id": "a", "title": "新的名称"}])
    assert "更新 1" in out
    output = Solution.objects.get()
    assert (output.title, output.summary, output.output.awards) == ("新的名称", "真空脱气。", "示例奖")
    assert output.indicators.count() == 1


def test_a_bad_row_is_named_and_damages_no_other(run: Any) -> None:
    bad = [
        {"id": "x", "title": "", "abstract": "没有名称"},
        {"id": "y", "title": "长" * 121, "price": "很贵", "indicators": "性能很好"},
        {"title": "没有编号"},
    ]
    out, errors = run([ROWS[0], *bad, ROWS[1]])
    assert "新建 2，更新 0，未变 0，失败 3" in out
    assert "第 2 行，title：请填写此项。" in errors
    assert "第 3 行，indicators：第 1 条指标" in errors
    assert "第 4 行，id：请填写此项。" in errors
    assert Solution.objects.count() == 2


def test_a_known_row_made_worse_is_left_as_it_was(run: Any) -> None:
    run(ROWS)
    _out, errors = run([{"id": "a", "title": "改名", "price": "很贵"}])
    assert "price" in errors
    assert Solution.objects.get(external_id="a").title == "轴承钢冶炼"


def test_what_the_owner_changed_since_is_a_conflict(run: Any, supplier: User) -> None:
    run(ROWS)
    output = Solution.objects.get(external_id="a")
    change_solution(solution=output, values={"title": "机构改的"}, indicators=None, by=supplier, at=timezone.now())
    out, errors = run(ROWS)
    assert "未变 1，失败 1" in out
    assert "未覆盖" in errors
    assert Solution.objects.get(external_id="a").title == "机构改的"
    run(ROWS, "--update")
    assert Solution.objects.get(external_id="a").title == "轴承钢冶炼"


def test_what_was_handed_in_is_a_conflict_unless_updating(run: Any, supplier: User) -> None:
    run(ROWS)
    output = Solution.objects.get(external_id="a")
    submit_solutions(solutions=[output], by=supplier, at=timezone.now())
    changed = [{**ROWS[0], "title": "新的名称"}]
    assert "失败 1" in run(changed)[0]
    assert "更新 1" in run(changed, "--update")[0]
    output.refresh_from_db()
    assert (output.title, output.state) == ("新的名称", "submitted")


def test_a_row_of_another_organisation_is_a_conflict(run: Any, university: Organisation) -> None:
    run(ROWS)
    other = OrganisationFactory(name="示例别家大学", university=False)
    Solution.objects.filter(external_id="a").update(organisation=other)
    _out, errors = run(ROWS)
    assert "该编号已属于示例别家大学" in errors


def test_a_title_alone_is_a_draft(run: Any) -> None:
    run([{"id": "a", "title": "只有名称"}])
    assert Solution.objects.get().summary == ""


def test_publishing_at_once_needs_an_operator_and_is_one_signal(
    run: Any, operator: User, supplier: User, signals: list[Any]
) -> None:
    out, errors = run([*ROWS, {"id": "c", "title": "只有名称"}], "--publish", "--by", operator.email)
    assert "发布 2 项" in out
    assert "只有名称: 还没有填写简介" in errors
    assert signals == [("published", 2)]
    assert Solution.objects.published().count() == 2
    assert Solution.objects.get(external_id="a").reviewed_by == operator
    assert Notification.objects.get(recipient=supplier).text == "《轴承钢冶炼》等 2 项成果已通过审核并发布"


def test_a_second_publishing_import_updates_in_public_only_when_told(
    run: Any, operator: User, signals: list[Any]
) -> None:
    publish = ("--publish", "--by", operator.email)
    run(ROWS, *publish)
    changed = [{**ROWS[0], "title": "新的名称"}, ROWS[1]]
    assert "失败 1" in run(changed, *publish)[0]
    assert "更新 1" in run(changed, *publish, "--update")[0]
    assert signals == [("published", 2), ("changed", 1)]
    assert Solution.objects.get(external_id="a").title == "新的名称"


def test_what_an_operator_returned_is_not_published_by_repeating_the_file(run: Any, operator: User) -> None:
    run(ROWS)
    Solution.objects.filter(external_id="a").update(state="returned", return_reason="请补充")
    run(ROWS, "--publish", "--by", operator.email)
    assert Solution.objects.get(external_id="a").state == "returned"


def test_others_cannot_publish_by_import(run: Any, supplier: User) -> None:
    with pytest.raises(CommandError, match="只有平台运营人员"):
        run(ROWS, "--publish", "--by", supplier.email)
    with pytest.raises(CommandError, match="没有邮箱为"):
        run(ROWS, "--publish", "--by", "nobody@example.com")
    with pytest.raises(CommandError, match="须同时给出 --by"):
        run(ROWS, "--publish")
    assert not Solution.objects.exists()


def test_what_cannot_be_read_at_all_is_an_error(run: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="文件打不开"):
        run(tmp_path / "nothing.csv")
    with pytest.raises(CommandError, match="没有编号为"):
        call_command("import_outputs", "x.csv", "--source", "x", "--organisation", "O-NOBODY")
