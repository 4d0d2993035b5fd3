"""`kubectl valeo gates`: which gates are asked for. Pure."""

from dataclasses import dataclass

from valeo_operator.golive.report.gates import Row


@dataclass(frozen=True)
class Wanted:
    """Which gates are asked for; empty asks for all."""

    result: str = ""
    phase: str = ""
    section: str = ""
    severity: str = ""

    def __contains__(self, row: Row) -> bool:
        asked = (
            (self.result, row.result.value),
            (self.phase, row.phase),
            (self.section, row.section),
            (self.severity, row.severity),
        )
        return all(not wanted or wanted.lower() == found.lower() for wanted, found in asked)
