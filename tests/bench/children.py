"""The clients and yardsticks are processes of their own: a plan goes in as JSON, what they saw comes back as JSON."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 300


class ChildError(RuntimeError):
    """A child ended badly; the message carries what it said."""


def command(module: str) -> list[str]:
    """The command of a module of this package."""
    return [sys.executable, "-m", f"tests.bench.{module}"]


def ask_child(module: str, plan: dict[str, Any]) -> dict[str, Any]:
    """Run a child to its end.

    Raises:
        ChildError: it ended badly.
    """
    done = subprocess.run(
        command(module),
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise ChildError(f"{module} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def answer_parent(run: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The main function of a child."""
    json.dump(run(json.loads(sys.stdin.readline())), sys.stdout)
