"""`make bench`: runs the benchmarks, writes build/reports/bench.json and the table in docs/performance.md."""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import backups, cluster, documents, endurance, exports, live, machine, million, paper
from tests.bench.children import ROOT
from tests.bench.results import NotMeasured, Result
from tests.bench.sizes import FULL, QUICK, Sizes
from tests.bench.surroundings import Surroundings, erp, surroundings
from tests.bench.table import page_with, table

PAGE = ROOT / "docs/performance.md"
REPORTS = ROOT / "build/reports"
LAST = {million.GROUP: million.measure, endurance.GROUP: endurance.measure}
"""They leave so much in the database that nothing else is measured in it afterwards."""

GROUPS = (documents.GROUP, live.GROUP, paper.GROUP, exports.GROUP, backups.GROUP, *LAST, cluster.GROUP)

Say = Callable[[str], None]


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    options = _options(arguments)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    report = run(tuple(options.only or GROUPS), QUICK if options.quick else FULL, _teller())
    whole = not options.only and not options.quick
    target = options.json or REPORTS / ("bench.json" if whole else "bench-part.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if whole:
        PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), report), encoding="utf-8")
    print(f"\n{table(report)}\n\n{target}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=", ".join(GROUPS))
    parser.add_argument("--quick", action="store_true", help="tiny counts: that it works; numbers without meaning")
    parser.add_argument("--json", type=Path, help="write the report here")
    return parser.parse_args(arguments)


def _teller() -> Say:
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"[{time.monotonic() - begun:4.0f}s] {words}", file=sys.stderr, flush=True)

    return say


def run(groups: tuple[str, ...], sizes: Sizes, say: Say) -> dict[str, Any]:
    """The report."""
    begun, others = time.monotonic(), machine.Others()
    commit, changed = machine.commit() or (None, None)
    say("PostgreSQL with full durability, schema, a seeded trader")
    with surroundings() as place:
        where = machine.machine(place.folder)
        rows: list[Result | NotMeasured] = [*_of_the_erp(place, groups, sizes, say)]
    surroundings_told = others.told()
    if cluster.GROUP in groups:
        rows += cluster.measure(say)
    return {
        "date": machine.today(),
        "commit": commit,
        "changed": changed,
        "seconds": time.monotonic() - begun,
        "machine": where,
        "others": surroundings_told,
        "versions": machine.versions(),
        "results": [row.as_json() for row in rows if isinstance(row, Result)],
        "not_measured": [row.as_json() for row in rows if isinstance(row, NotMeasured)],
    }


def _of_the_erp(place: Surroundings, groups: tuple[str, ...], sizes: Sizes, say: Say) -> list[Result]:
    rows: list[Result] = []
    shared = {documents.GROUP: documents.measure, paper.GROUP: paper.measure, exports.GROUP: exports.measure}
    if wanted := [measure for group, measure in shared.items() if group in groups]:
        with erp(place) as service:
            for measure in wanted:
                rows += measure(place, service, sizes, say)
    if live.GROUP in groups:
        rows += live.measure(place, sizes, say)
    if backups.GROUP in groups:
        with surroundings() as own:  # a database with nothing in it but the seeded traders, and what this part writes
            rows += backups.measure(own, sizes, say)
    if wanted := [measure for group, measure in LAST.items() if group in groups]:
        with erp(place) as service:
            for measure in wanted:
                rows += measure(place, service, sizes, say)
    return rows


if __name__ == "__main__":
    sys.exit(main())
