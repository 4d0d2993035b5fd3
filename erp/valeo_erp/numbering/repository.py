"""Number series, and the proof that one is whole."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.numbering.series import Series, Year

_SERIES = """
select s.document_kind, s.prefix, s.version from number_series s
where s.tenant_id = :tenant_id and (cast(:kind as text) is null or s.document_kind = :kind)
order by s.document_kind
"""
_YEARS = """
select document_kind, year, start, last, last_date, closed_at, closed_by from number_counter
where tenant_id = :tenant_id and (cast(:kind as text) is null or document_kind = :kind)
order by document_kind, year
"""
_LIST, _LIST_YEARS = text(_SERIES), text(_YEARS)
_LOCK, _LOCK_YEARS = text(_SERIES + "for no key update"), text(_YEARS + "for update")

_TAKEN = text("""
select number from document where tenant_id = :tenant_id and kind = :kind and number = any(:numbers)
union select number from payment where tenant_id = :tenant_id and :kind = 'payment' and number = any(:numbers)
union select number from number_given where tenant_id = :tenant_id and number = any(:numbers)
union select number from number_void where tenant_id = :tenant_id and number = any(:numbers)
order by number limit 10
""")

# Three witnesses that know nothing of each other: the counter, the list of given numbers, and the documents that carry
# a number. A number without a document is missing until a person has explained it. The lists name the first thousand;
# `complete` says whether there is anything to name.
_PROOF = text("""
with series as (
  select prefix, prefix || '-' || cast(:year as smallint) || '-' as stem from number_series
  where tenant_id = :tenant_id and document_kind = :kind
), given as (
  select sequence, number, document_id, document_date from number_given
  where tenant_id = :tenant_id and document_kind = :kind and year = :year
), carried as (
  select d.id, d.number, d.state, d.reverses_id from document d, series
  where d.tenant_id = :tenant_id and d.kind = :kind and starts_with(d.number, series.stem)
  union all
  select p.id, p.number, case when r.id is null then 'posted' else 'reversed' end, p.reverses_id
  from series, payment p left join payment r on (r.tenant_id, r.reverses_id) = (p.tenant_id, p.id)
  where p.tenant_id = :tenant_id and :kind = 'payment' and starts_with(p.number, series.stem)
), counter as (
  select coalesce(max(start), 1) as start, coalesce(max(last), 0) as last, max(closed_at) as closed_at
  from number_counter
  where tenant_id = :tenant_id and document_kind = :kind and year = :year
), explained as (
  select sequence, number, reason, voided_by, voided_at from number_void
  where tenant_id = :tenant_id and document_kind = :kind and year = :year
), missing as (
  select series.stem || lpad(s::text, greatest(5, length(s::text)), '0') as number
  from series, counter, generate_series(counter.start, counter.last) s
  where not exists (select from given g join carried c on (c.id, c.number) = (g.document_id, g.number)
                    where g.sequence = s)
    and not exists (select from explained e where e.sequence = s)
  order by s limit 1000
), duplicates as (
  select number from carried group by number having count(*) > 1 order by number limit 1000
), unexplained as (
  select c.number from carried c
  where not exists (select from given g where (g.document_id, g.number) = (c.id, c.number))
  order by c.number limit 1000
), voided as (
  select number from carried where state = 'reversed' order by number limit 1000
), falling as (
  select number from (select number, document_date, lag(document_date) over (order by sequence) as before from given) g
  where document_date < before order by number limit 1000
)
select series.prefix, counter.last as counter,
  (select count(*) from given) as count,
  (select number from given order by sequence limit 1) as first,
  (select number from given order by sequence desc limit 1) as last,
  (select min(document_date) from given) as first_date,
  (select max(document_date) from given) as last_date,
  array(select number from missing) as missing,
  array(select number from duplicates) as duplicates,
  array(select number from unexplained) as unexplained,
  array(select number from voided) as voided,
  array(select number from falling) as falling_dates,
  counter.start, counter.closed_at,
  (select count(*) from explained) as explained_count,
  (select coalesce(jsonb_agg(jsonb_build_object('number', number, 'reason', reason, 'voided_by', voided_by,
                                                'voided_at', voided_at) order by sequence), '[]')
   from (select * from explained order by sequence limit 1000) e)::text as explained
from series, counter
""")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the numbers of one series and year look like.

    Attributes:
        counter: the last sequence that the counter gave.
        missing: given by the counter, but on no document.
        duplicates: on more than one document.
        unexplained: on a document, but never given to it.
        voided: on a document that was reversed since.
        falling_dates: dated before the number that precedes it.
        start: the first sequence of the year.
        closed_at: since when the year gives no more numbers.
        explained_count: how many numbers have no document, but a reason.
        explained: the first thousand of them, each with its reason, who gave it, and when.
    """

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
    explained: list[dict[str, Any]]

    @property
    def complete(self) -> bool:
        """Whether each number from the first to the last is on one document, in the order of dates, or explained."""
        faults = (self.missing, self.duplicates, self.unexplained, self.falling_dates)
        counted = max(0, self.counter - self.start + 1)
        return self.count + self.explained_count == counted and not any(faults)


async def every(connection: AsyncConnection, tenant_id: UUID) -> list[Series]:
    """Every series with the counters of its years, by kind."""
    return await _read(connection, _LIST, _LIST_YEARS, tenant_id, None)


async def find(connection: AsyncConnection, tenant_id: UUID, document_kind: str) -> Series | None:
    """The series of one kind."""
    return next(iter(await _read(connection, _LIST, _LIST_YEARS, tenant_id, document_kind)), None)


async def lock(connection: AsyncConnection, tenant_id: UUID, document_kind: str) -> Series | None:
    """As `find`; nobody else changes it, and nobody gives a number of its years, until the transaction ends."""
    return next(iter(await _read(connection, _LOCK, _LOCK_YEARS, tenant_id, document_kind)), None)


async def _read(
    connection: AsyncConnection, series: TextClause, years: TextClause, tenant_id: UUID, kind: str | None
) -> list[Series]:
    where = {"tenant_id": tenant_id, "kind": kind}
    found = (await connection.execute(series, where)).all()
    counted: dict[str, list[Year]] = {row.document_kind: [] for row in found}
    for document_kind, *counter in (await connection.execute(years, where)).all() if found else ():
        counted[document_kind].append(Year(*counter))
    return [Series(row.document_kind, row.prefix, row.version, tuple(counted[row.document_kind])) for row in found]


async def taken(connection: AsyncConnection, tenant_id: UUID, document_kind: str, numbers: list[str]) -> list[str]:
    """Which of these numbers were given, are on a document, or are void; ten at most."""
    where = {"tenant_id": tenant_id, "kind": document_kind, "numbers": numbers}
    return list((await connection.execute(_TAKEN, where)).scalars())


async def proof(connection: AsyncConnection, tenant_id: UUID, document_kind: str, year: int) -> Proof | None:
    """The proof of one series and year from one snapshot; None if there is no such series."""
    where = {"tenant_id": tenant_id, "kind": document_kind, "year": year}
    row = (await connection.execute(_PROOF, where)).mappings().one_or_none()
    return None if row is None else Proof(**{**row, "explained": json.loads(row["explained"])})
