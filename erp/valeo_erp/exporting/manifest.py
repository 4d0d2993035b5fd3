"""What an export says about itself, so that a reader can check that nothing is missing. Pure."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from valeo_erp import __version__
from valeo_erp.documents.listing import ListFilter
from valeo_erp.printing.formats import Language

_NAMES = {
    Language.GERMAN: ("Stand", "Filter", "Belege", "Positionen", "SHA-256 der Belege", "Erstellt von"),
    Language.ENGLISH: ("Snapshot", "Filter", "Documents", "Lines", "SHA-256 of the documents", "Made by"),
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of one workbook.

    Attributes:
        snapshot_at: all rows are as they were at this instant.
        heads_sha256: of the rows of heads in the machine dialect of CSV, heading included: the digest of the CSV
            export of the same rows.
    """

    snapshot_at: datetime
    filter_text: str
    heads: int
    lines: int
    heads_sha256: str

    def rows(self, language: Language) -> list[tuple[str, str]]:
        """Names and values as they stand on the sheet."""
        values = (
            instant_text(self.snapshot_at),
            self.filter_text,
            str(self.heads),
            str(self.lines),
            self.heads_sha256,
            f"ValeoERP {__version__}",
        )
        return list(zip(_NAMES[language], values, strict=True))


def instant_text(at: datetime) -> str:
    """An instant in UTC, as RFC 3339 writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def filter_text(filter_: ListFilter) -> str:
    """The conditions that were set, as a query string: `kind=invoice&state=posted`. Plain ASCII."""
    return urlencode({name: value for name, value in asdict(filter_).items() if value is not None})
