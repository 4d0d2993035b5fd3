"""What the kernel knows of a process: memory and processor time, also of those that it started."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

KIB_PER_MIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """A running process."""

    pid: int

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
        return int(found[1]) if found else 0

    @property
    def memory_kib(self) -> int:
        """Resident now."""
        return self._status("VmRSS")

    @property
    def peak_kib(self) -> int:
        """The most that was resident since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """The peak begins anew at what is resident now (proc_pid_clear_refs(5))."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    @property
    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def descendants(self) -> list["Process"]:
        """Those that it started, and those that they started."""
        parents = dict(_parents())
        found, ring = [], {self.pid}
        while ring := {pid for pid, parent in parents.items() if parent in ring}:
            found += [Process(pid) for pid in ring]
        return found


def _parents() -> list[tuple[int, int]]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended meanwhile
            found.append((int(folder.name), int(fields[1])))
    return found
