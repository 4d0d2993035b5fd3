"""The shell scripts behind the Makefile: long work is told, a failure is explained, and a broken tier stops the run."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLUSTER = ROOT / "manifests/kind/cluster"
JUNIT = '<testsuites><testsuite tests="5" failures="0" errors="0" skipped="2"/></testsuites>'


def run(*command: str, cache: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VALEO_CACHE": str(cache)}
    if path is not None:
        environment["PATH"] = f"{path}:{environment['PATH']}"
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def script(body: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """A script that uses the steps, as ours do."""
    return run("bash", "-c", f"set -euo pipefail; . {ROOT}/manifests/machine/steps.sh; {body}", cache=cache)


def test_a_step_says_what_it_does_and_keeps_its_output_in_a_log(tmp_path: Path) -> None:
    done = script("step 'Counting sheep' echo one two", tmp_path)

    assert "Counting sheep" in done.stderr
    assert "one two" not in done.stdout + done.stderr
    assert (tmp_path / "logs/counting-sheep.log").read_text() == "one two\n"


def test_a_failed_step_shows_the_end_of_its_log_and_ends_the_script(tmp_path: Path) -> None:
    done = script("work() { echo the reason; false; echo never; }; step Working work; echo later", tmp_path)

    assert done.returncode == 1
    assert "FAILED: Working (exit code 1)" in done.stderr
    assert "the reason" in done.stderr
    assert "never" not in done.stderr
    assert "later" not in done.stdout


def test_what_a_registry_refused_once_is_tried_again(tmp_path: Path) -> None:
    flaky = f"flaky() {{ echo x >> {tmp_path}/tries; [[ $(wc -l < {tmp_path}/tries) -ge 2 ]]; }}"

    done = script(f"sleep() {{ :; }}; {flaky}; retry flaky && echo worked", tmp_path)

    assert done.stdout == "worked\n"


def test_a_second_run_waits_for_the_cluster_and_says_so(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [CLUSTER, "exclusively", "sh", "-c", "echo held; sleep 1"],
        env=os.environ | {"VALEO_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"

    second = run(str(CLUSTER), "exclusively", "echo", "mine", cache=tmp_path)

    assert first.wait(10) == 0
    first.stdout.close()
    assert second.stdout == "mine\n"
    assert "Waiting for another run" in second.stderr


def test_the_exit_code_of_a_command_that_has_the_cluster_is_kept(tmp_path: Path) -> None:
    assert run(str(CLUSTER), "exclusively", "sh", "-c", "exit 7", cache=tmp_path).returncode == 7


def test_an_unknown_group_of_packages_is_refused(tmp_path: Path) -> None:
    done = run(str(ROOT / "manifests/machine/install"), "nonsense", cache=tmp_path)

    assert done.returncode != 0
    assert "no such group: nonsense" in done.stderr


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """A `make` that fails for the tier `types` and writes a report for `test-unit`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    body = f"""#!/bin/sh
    case $1 in
      types) exit 2 ;;
      test-unit) printf '%s' '{JUNIT}' > "$VALEO_REPORTS/unit.xml" ;;
    esac"""
    program = folder / "make"
    program.write_text(body.replace("$VALEO_REPORTS", str(tmp_path / "reports")))
    program.chmod(0o755)
    return folder


def tiers(make: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return run("env", f"VALEO_REPORTS={make.parent}/reports", str(ROOT / "tests/tiers"), *names, cache=make, path=make)


def test_a_tier_ends_with_its_counts_and_all_of_them_with_the_sum(make: Path) -> None:
    done = tiers(make, "lint", "unit")

    assert "== unit: 3 passed, 0 failed, 2 skipped" in done.stdout
    assert done.stdout.endswith("total: 3 passed, 0 failed, 2 skipped\n")
    assert done.returncode == 0


def test_a_broken_tier_stops_the_run_and_names_the_command_to_repeat(make: Path) -> None:
    done = tiers(make, "lint", "types", "unit")

    assert done.returncode == 1
    assert "Repeat it with: make types" in done.stdout
    assert "unit" not in done.stdout
