"""What a job is: frozen facts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from valeo_erp.documents.kinds import rules_of
from valeo_erp.documents.listing import ListFilter, Sort
from valeo_erp.exporting.dialects import DialectName
from valeo_erp.exporting.listings import LISTINGS, ListName, Narrowed
from valeo_erp.exporting.manifest import filter_text
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.jobs.lifecycle import JobState
from valeo_erp.printing.formats import Language


class Product(StrEnum):
    """What a job makes."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    XLSX = "xlsx"
    PRINTS = "prints"
    GOBD = "gobd"


@dataclass(frozen=True, slots=True)
class Wish:
    """The file that somebody wants.

    Attributes:
        filter: of documents.
        list: another list than one of documents, with what it is `narrowed` down to.
    """

    product: Product
    filter: ListFilter
    sort: Sort = Sort.NEWEST_FIRST
    dialect: DialectName = DialectName.GERMAN
    language: Language = Language.GERMAN
    list: ListName | None = None
    narrowed: Narrowed = field(default_factory=Narrowed)

    @property
    def conditions(self) -> str:
        """What is in the file, as a query string. Plain ASCII."""
        if self.product is Product.GOBD:
            return urlencode({"from": self.filter.from_date, "to": self.filter.to_date})
        if self.list is not None:
            return self.narrowed.query
        return filter_text(self.filter)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What one must be allowed to have it: the file, and to read what is in it."""
        if self.product is Product.GOBD:
            return (Scope.LEDGER_READ,)
        if self.list is not None:
            return Scope.DOCS_EXPORT, LISTINGS[self.list].read
        file = Scope.DOCS_PRINT if self.product is Product.PRINTS else Scope.DOCS_EXPORT
        return file, rules_of(self.filter.kind).scopes.read


@dataclass(frozen=True, slots=True)
class JobFile:
    """The finished file.

    Attributes:
        size: in bytes.
        sha256: in hex.
        snapshot_at: all rows are as they were then.
        left_out: documents that could not be printed; the manifest in the file says why.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    snapshot_at: datetime
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes:
        done: documents so far, of `total`; the total is not known before it began.
        problem: why it failed.
        expires_at: until when the file is kept.
    """

    tenant_id: UUID
    id: UUID
    state: JobState
    wish: Wish
    principal: Principal
    requested_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    done: int
    total: int | None
    attempts: int
    file: JobFile | None
    problem: str | None
