"""The benchmark itself: it runs, on a machine where nothing is quiet, and leaves a report of the right form."""

import json
from pathlib import Path

import pytest
from tests.bench.__main__ import main
from tests.bench.children import ROOT

pytestmark = pytest.mark.timeout(400)  # it starts some twenty processes; a busy machine takes a minute for that


def test_a_quick_run_measures_the_erp_and_leaves_a_valid_report(tmp_path: Path) -> None:
    target = tmp_path / "bench.json"
    parts = ("documents", "live", "paper", "exports", "backups", "million", "endurance")
    only = [word for part in parts for word in ("--only", part)]

    assert main(["--quick", "--json", str(target), *only]) == 0

    report = json.loads(target.read_text())
    assert {result["group"] for result in report["results"]} == set(parts)
    assert report["not_measured"] == []
    figures = [figure for result in report["results"] for figure in result["figures"]]
    assert all(figure["value"] >= 0 for figure in figures)
    assert all(figure["met"] is None or isinstance(figure["met"], bool) for figure in figures)
    assert report["machine"]["cpus"] >= 1
    assert (report["commit"] is not None) == (ROOT / ".git").exists()
