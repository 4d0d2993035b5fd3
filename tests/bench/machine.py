"""Where and what was measured."""

import os
import platform
import resource
import subprocess
from ctypes.util import find_library
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

from tests.bench.children import ROOT

from valeo_erp.demo.postgres import server_programs

_TICKS = os.sysconf("SC_CLK_TCK")
_GIB = 1024**3


def machine(folder: Path) -> dict[str, Any]:
    """Processors, memory, kernel, and what the database writes to."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": names[0].partition(":")[2].strip() if names else platform.machine(),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB,
        "kernel": platform.release(),
        "filesystem": _ran("stat", "--file-system", "--format=%T", str(folder)),
    }


def versions() -> dict[str, str]:
    """Of what the numbers depend on."""
    postgres = _ran(str(server_programs() / "postgres"), "--version").split()[2]
    libraries = ("fastapi", "uvicorn", "asyncpg", "weasyprint", "xlsxwriter")
    return {
        "Python": platform.python_version(),
        "PostgreSQL": postgres,
        **{name: version(name) for name in libraries},
        "harfbuzz-subset": find_library("harfbuzz-subset") or "missing",
    }


def commit() -> tuple[str, bool] | None:
    """The commit that was measured, and whether the checkout had changes of its own; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return None
    return _ran("git", "rev-parse", "--short=12", "HEAD"), bool(
        _ran("git", "status", "--porcelain", "--untracked-files=no", "erp", "operator")
    )


def today() -> str:
    """The date of the report."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


class Others:
    """How many processors others kept busy while we measured, at most.

    Our own children are known once they have ended; those that nobody waits for, as print workers, count as others.
    """

    def __init__(self) -> None:
        self._load = os.getloadavg()[0]
        self._begun = monotonic()
        self._busy, self._own = _busy_seconds(), _own_seconds()

    def told(self) -> dict[str, float]:
        """Since the beginning."""
        others = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return {
            "load_average_before": self._load,
            "cpus_of_others": max(0.0, others) / (monotonic() - self._begun),
        }


def _busy_seconds() -> float:
    user, nice, system, _, _, irq, softirq, *_ = (
        int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICKS


def _own_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _ran(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
