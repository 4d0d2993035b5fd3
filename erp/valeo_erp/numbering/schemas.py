"""What the web API of number series takes and answers."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.kernel.text import ShortText
from valeo_erp.numbering.series import MOST_VOIDS, Numbered

SeriesYear = Annotated[int, Field(strict=True, ge=1990, le=2100, examples=[2026])]
Prefix = Annotated[str, Field(pattern=r"^[A-Z]{2,8}$", description="RE gives RE-2026-00001", examples=["RE"])]
Sequence = Annotated[int, Field(strict=True, ge=1, le=999_999_999)]


class PrefixBody(BaseModel):
    """The prefix of a series that has given no number yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"prefix": "RE"}]})

    prefix: Prefix


class SeriesBody(PrefixBody):
    """A series to set up."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"document_kind": "invoice", "prefix": "RE"}]}
    )

    document_kind: Numbered


class StartBody(BaseModel):
    """Where a year begins, because another system gave the numbers before."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"year": 2026, "start": 421}]}
    )

    year: SeriesYear
    start: Annotated[Sequence, Field(description="The first sequence that is given here")]


class ReopenBody(BaseModel):
    """Why a closed year gives numbers again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[ShortText, Field(examples=["Nachtrag laut Betriebsprüfung"])]


class VoidBody(BaseModel):
    """Numbers that no document of this system has, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"year": 2026, "first": 42, "last": 44, "reason": "Vor der Wiederherstellung gedruckt, Ablage 7"}
            ]
        },
    )

    year: SeriesYear
    first: Sequence
    last: Annotated[Sequence, Field(description=f"At most {MOST_VOIDS} numbers at once")]
    reason: Annotated[ShortText, Field(description="Stays for ever; names nobody")]


class YearAnswer(BaseModel):
    """The counter of one year; `last` is `start - 1` when nothing was given yet."""

    year: int
    start: int
    last: int
    last_date: date
    closed_at: datetime | None
    closed_by: str | None


class SeriesAnswer(BaseModel):
    """A series and its counters."""

    document_kind: Numbered
    prefix: str
    version: int
    years: list[YearAnswer]


class SeriesListAnswer(BaseModel):
    """All series."""

    items: list[SeriesAnswer]
    next_cursor: None


class ExplainedAnswer(BaseModel):
    """A number without a document, and why there is none."""

    number: str
    reason: str
    voided_by: str
    voided_at: datetime


class ProofAnswer(BaseModel):
    """Whether the numbers of a year follow each other without a gap, each on one document or explained, and what not.

    `voided` are numbers of documents that were reversed; `explained` have no document, but a reason.
    """

    document_kind: Numbered
    year: int
    complete: bool
    prefix: str
    counter: int
    count: int
    first: str | None
    last: str | None
    first_date: date | None
    last_date: date | None
    missing: list[str]
    duplicates: list[str]
    unexplained: list[str]
    voided: list[str]
    falling_dates: list[str]
    start: int
    closed_at: datetime | None
    explained_count: int
    explained: list[ExplainedAnswer]
