"""What `make demo` says while an installation comes up."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def follow() -> ModuleType:
    spec = importlib.util.spec_from_file_location("follow", ROOT / "manifests/demo/follow.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["follow"] = module
    spec.loader.exec_module(module)
    return module


def resource(phase: str, *conditions: tuple[str, str], observed: int = 2, message: str = "") -> dict[str, Any]:
    return {
        "metadata": {"generation": 2},
        "status": {
            "phase": phase,
            "message": message,
            "observedGeneration": observed,
            "conditions": [{"type": kind, "status": status, "reason": "Seen"} for kind, status in conditions],
        },
    }


def test_a_change_of_phase_is_told_once(follow: ModuleType) -> None:
    pending, migrating = (follow.seen_in(resource(phase)) for phase in ("Pending", "Migrating"))

    assert list(follow.news(pending, migrating)) == ["phase Migrating"]
    assert list(follow.news(migrating, migrating)) == []


def test_a_condition_is_told_when_it_says_something(follow: ModuleType) -> None:
    before = follow.seen_in(resource("Staging", ("DatabaseReady", "Unknown"), ("Available", "Unknown")))
    now = follow.seen_in(resource("Staging", ("DatabaseReady", "True"), ("Available", "Unknown")))

    assert list(follow.news(before, now)) == ["  DatabaseReady=True Seen"]


def test_a_condition_that_is_lost_is_told(follow: ModuleType) -> None:
    before = follow.seen_in(resource("Complete", ("Available", "True")))
    now = follow.seen_in(resource("Complete", ("Available", "False")))

    assert list(follow.news(before, now)) == ["  Available=False Seen"]


def test_what_is_not_yet_true_is_not_told(follow: ModuleType) -> None:
    now = follow.seen_in(resource("", ("RestoreVerified", "False"), ("Stalled", "False"), ("Reconciling", "True")))

    assert list(follow.news(follow.View(), now)) == []


def test_the_reason_of_a_wait_is_told(follow: ModuleType) -> None:
    before = follow.seen_in(resource("Pending"))
    now = follow.seen_in(resource("Pending", message="The database has no volume yet."))

    assert list(follow.news(before, now)) == ["  The database has no volume yet."]


def test_ready_of_an_older_specification_is_not_ready(follow: ModuleType) -> None:
    assert follow.seen_in(resource("Complete", ("Ready", "True"))).ready
    assert not follow.seen_in(resource("Complete", ("Ready", "True"), observed=1)).ready


def test_a_resource_nobody_looked_at_yet_is_not_ready(follow: ModuleType) -> None:
    assert not follow.seen_in({"metadata": {"generation": 1}}).ready
