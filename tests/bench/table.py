"""The report as a table for people, put between two markers of a page. Pure."""

from typing import Any

BEGIN = "<!-- begin: written by make bench -->"
END = "<!-- end: written by make bench -->"

SHARED_CPUS = 0.3
"""More than this, and the numbers are those of a shared machine."""

_MET = {True: "yes", False: "**no**", None: "-"}


def page_with(page: str, report: dict[str, Any]) -> str:
    """The page with the table of this report between its markers.

    Raises:
        ValueError: the page has no markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the markers {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table(report)}\n\n{END}{after}"


def table(report: dict[str, Any]) -> str:
    """What was run where, the rows, and what was not measured."""
    heads = ["| what | measured | goal | yardstick | ratio | met |", "|---|---|---|---|---|---|"]
    rows = [_row(result) for result in report["results"]]
    missing = [f"* Not measured: {each['group']}, because {each['why']}" for each in report["not_measured"]]
    return "\n".join([*_preamble(report), "", *heads, *rows, *(["", *missing] if missing else [])])


def number(value: float) -> str:
    """Three figures are enough, whole numbers from a hundred on."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _preamble(report: dict[str, Any]) -> list[str]:
    machine, others = report["machine"], report["others"]
    commit = (
        f" at commit `{report['commit']}`{' with changes' if report['changed'] else ''}" if report["commit"] else ""
    )
    measured = (
        f"Measured {report['date']}{commit} in "
        f"{report['seconds']:.0f} s on {machine['cpus']} x {machine['cpu']}, {machine['memory_gib']:.0f} GiB, "
        f"Linux {machine['kernel']}, {machine['filesystem']}; "
        + ", ".join(f"{name} {version}" for name, version in report["versions"].items())
        + "."
    )
    busy = (
        f"Load average before: {others['load_average_before']:.1f}. "
        f"Others used at most {others['cpus_of_others']:.1f} of the {machine['cpus']} processors meanwhile."
    )
    if others["cpus_of_others"] > SHARED_CPUS:
        busy += " **So the machine was shared**: a quiet one is faster. The ratios suffer less."
    return [measured, "", busy]


def _row(result: dict[str, Any]) -> str:
    yardsticks = result["yardsticks"]
    cells = (
        result["what"],
        ", ".join(_figure(figure) for figure in result["figures"]),
        ", ".join(_goal(figure) for figure in result["figures"] if figure["goal"]) or "-",
        "<br>".join(f"{each['what']}: {number(each['value'])}" for each in yardsticks) or "-",
        "<br>".join(_ratio(each["ratio"]) for each in yardsticks) or "-",
        _MET[result["met"]],
    )
    return f"| {' | '.join(cells)} |"


def _figure(figure: dict[str, Any]) -> str:
    return f"{figure['label']} {number(figure['value'])} {figure['unit']}".strip()


def _goal(figure: dict[str, Any]) -> str:
    goal = figure["goal"]
    return f"{figure['label']} {goal['bound']} {goal['value']:,g} {figure['unit']}".strip()


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{number(value)}"
