"""The page of the benchmark says what was measured, and nothing else."""

from typing import Any

import pytest
from tests.bench.results import Figure, NotMeasured, Result, Yardstick, at_least, at_most, p95
from tests.bench.table import BEGIN, END, page_with, table

ROW = Result(
    "documents",
    "Post",
    (Figure(450.4, "req/s", goal=at_least(400)), Figure(61.25, "ms", "P95", goal=at_most(50))),
    (Yardstick("asyncpg insert+commit", 1801.6),),
)


def report(*rows: Result, cpus_of_others: float = 0.0, missing: tuple[NotMeasured, ...] = ()) -> dict[str, Any]:
    return {
        "date": "2026-01-05 12:00 UTC",
        "commit": "abc",
        "changed": False,
        "seconds": 300.0,
        "machine": {"cpus": 2, "cpu": "A Processor", "memory_gib": 8.0, "kernel": "6.1", "filesystem": "ext4"},
        "others": {"load_average_before": 0.2, "cpus_of_others": cpus_of_others},
        "versions": {"Python": "3.11.7"},
        "results": [row.as_json() for row in rows],
        "not_measured": [each.as_json() for each in missing],
    }


def test_a_row_shows_figures_goals_yardstick_ratio_and_whether_every_goal_was_met() -> None:
    assert table(report(ROW)).splitlines()[-1] == (
        "| Post | 450 req/s, P95 61.2 ms | ≥ 400 req/s, P95 ≤ 50 ms | asyncpg insert+commit: 1,802 | 0.25 | **no** |"
    )


def test_a_row_without_a_goal_is_neither_met_nor_missed() -> None:
    assert Result("documents", "List", (Figure(1.0, "req/s"),)).met is None


@pytest.mark.parametrize(("value", "met"), [(400.0, True), (399.9, False)])
def test_a_goal_is_met_when_it_is_just_reached(value: float, met: bool) -> None:
    assert Figure(value, "req/s", goal=at_least(400)).met is met
    assert Figure(-value, "ms", goal=at_most(-400)).met is met


def test_what_was_not_measured_has_a_reason_and_no_number() -> None:
    told = table(report(missing=(NotMeasured("cluster", "there is no cluster"),)))
    assert told.endswith("* Not measured: cluster, because there is no cluster")


def test_a_shared_machine_is_told() -> None:
    assert "**So the machine was shared**" in table(report(ROW, cpus_of_others=0.9))
    assert "shared" not in table(report(ROW, cpus_of_others=0.1))


def test_only_what_stands_between_the_markers_is_written_anew() -> None:
    page = f"# Before\n{BEGIN}\nold\n{END}\nafter\n"
    once = page_with(page, report(ROW))
    assert once.startswith(f"# Before\n{BEGIN}\n")
    assert once.endswith(f"{END}\nafter\n")
    assert "old" not in once
    assert page_with(once, report(ROW)) == once


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        page_with("# Nothing\n", report(ROW))


def test_p95_is_the_value_that_19_of_20_do_not_exceed() -> None:
    assert p95([float(value) for value in range(1, 102)]) == 96.0
    assert p95([7.0]) == 7.0
