"""After the chaos: how often a worker was killed in which stage, and how often everything recovered."""

import pytest

from tests.plugins.kill_points import POINTS


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for word in ("passed", "failed") for report in terminalreporter.stats.get(word, [])]
    killed = [(dict(report.user_properties).get("killed at"), report.passed) for report in reports]
    if not any(stage for stage, _recovered in killed):
        return
    terminalreporter.section("chaos")
    for stage in (*POINTS, "all"):
        mine = [recovered for known, recovered in killed if known and stage in (known, "all")]
        terminalreporter.write_line(f"{stage:<12} {len(mine):>3} kills  {sum(mine):>3} recovered")
