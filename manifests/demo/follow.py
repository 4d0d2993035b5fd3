"""Follows one ValeoERP until it is Ready, saying each change of phase and condition when it is seen.

Usage: python follow.py NAMESPACE NAME [--timeout SECONDS] [--url URL]. Needs only Python and kubectl.
With a URL it also waits until the ERP answers there: Ready is what the operator saw, not yet what this machine sees.
Exit status 1: not Ready in time; what `kubectl describe` tells is printed then.
"""
# ruff: noqa: INP001 - a script that runs by its path, not a package

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

_QUIET = frozenset({"Reconciling"})
"""Conditions that say no more than the phase."""


@dataclass(frozen=True)
class Condition:
    """One condition as the status gives it."""

    status: str
    reason: str
    message: str


@dataclass(frozen=True)
class View:
    """What one look at the resource showed.

    Attributes:
        current: the status speaks of the specification that is wanted now.
    """

    phase: str = ""
    message: str = ""
    current: bool = False
    conditions: dict[str, Condition] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether the wanted specification is the one that serves."""
        condition = self.conditions.get("Ready")
        return self.current and condition is not None and condition.status == "True"


def seen_in(resource: dict[str, Any]) -> View:
    """The view of a resource as the API server gave it."""
    status = resource.get("status", {})
    return View(
        phase=status.get("phase", ""),
        message=status.get("message", ""),
        current=status.get("observedGeneration") == resource["metadata"]["generation"],
        conditions={
            each["type"]: Condition(each["status"], each.get("reason", ""), each.get("message", ""))
            for each in status.get("conditions", [])
        },
    )


def news(before: View, now: View) -> Iterator[str]:
    """What a person wants to hear that was not so a moment ago."""
    if now.phase and now.phase != before.phase:
        yield f"phase {now.phase}"
    if now.message and now.message != before.message:
        yield f"  {now.message}"
    for name, condition in now.conditions.items():
        old = before.conditions.get(name)
        if condition == old or not _worth_telling(name, old, condition):
            continue
        if condition.message and condition.message == now.message:
            continue
        yield f"  {name}={condition.status} {condition.reason}: {condition.message}".rstrip(": ")


def _worth_telling(name: str, old: Condition | None, now: Condition) -> bool:
    """What became true, and what no longer is. The phase tells the rest."""
    was_true = old is not None and old.status == "True"
    return name not in _QUIET and (now.status == "True" or was_true)


def follow(namespace: str, name: str, timeout: float) -> bool:
    """Print the news until the resource is Ready (True) or time is over (False)."""
    begun = time.monotonic()
    last = View()
    while (elapsed := time.monotonic() - begun) < timeout:
        now = look(namespace, name)
        for line in news(last, now):
            say(f"[{elapsed:4.0f}s] {line}")
        if now.ready:
            say(f"[{elapsed:4.0f}s] Ready")
            return True
        last = now
        time.sleep(1)
    return False


def look(namespace: str, name: str) -> View:
    """One look through kubectl; nothing seen when the API server does not answer or has no such resource."""
    answer = subprocess.run(  # noqa: S603 - fixed program, arguments from our own command line
        ["kubectl", "-n", namespace, "get", "valeoerp", name, "-o", "json"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return seen_in(json.loads(answer.stdout)) if answer.returncode == 0 else View(message=answer.stderr.strip())


def answers(url: str, timeout: float) -> bool:
    """Whether the ERP says on this machine that it is ready, waiting for it."""
    begun = time.monotonic()
    while time.monotonic() - begun < timeout:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 - http, from the command line
                if answer.status == HTTPStatus.OK:
                    say(f"{url} answers")
                    return True
        except OSError:
            time.sleep(0.5)
    say(f"{url} did not answer within {timeout:.0f} s.")
    return False


def explain(namespace: str, name: str) -> None:
    """Print what a person would ask for next."""
    for question in (
        ["describe", "valeoerp", name],
        ["get", "pods,jobs,statefulsets,deployments,persistentvolumeclaims"],
        ["get", "events", "--sort-by=.lastTimestamp"],
    ):
        say(f"\n$ kubectl -n {namespace} {' '.join(question)}")
        subprocess.run(["kubectl", "-n", namespace, *question], check=False)  # noqa: S603, S607


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Follow what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("namespace")
    parser.add_argument("name")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    if not follow(options.namespace, options.name, options.timeout):
        say(f"{options.name} was not Ready within {options.timeout:.0f} s.")
    elif not options.url or answers(options.url, timeout=60):
        return 0
    explain(options.namespace, options.name)
    return 1


if __name__ == "__main__":
    sys.exit(main())
