"""Number series, and the proof that one is whole."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_SERIES = text("""
select s.document_kind, s.prefix,
       coalesce(jsonb_agg(jsonb_build_object('year', c.year, 'last', c.last, 'last_date', c.last_date) order by c.year)
                filter (where c.year is not null), '[]'::jsonb)::text as years
from number_series s
left join number_counter c on (c.tenant_id, c.document_kind) = (s.tenant_id, s.document_kind)
where s.tenant_id = :tenant_id
group by s.document_kind, s.prefix
order by s.document_kind
""")

# Three witnesses that know nothing of each other: the counter, the list of given numbers, and the documents that carry
# a number. The lists name the first thousand; `complete` says whether there is anything to name.
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
  select coalesce(max(last), 0) as last from number_counter
  where tenant_id = :tenant_id and document_kind = :kind and year = :year
), missing as (
  select series.stem || lpad(s::text, greatest(5, length(s::text)), '0') as number
  from series, counter, generate_series(1, counter.last) s
  where not exists (select from given g join carried c on (c.id, c.number) = (g.document_id, g.number)
                    where g.sequence = s)
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
  array(select number from falling) as falling_dates
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

    @property
    def complete(self) -> bool:
        """Whether the numbers are 1 to n, each on one document, in the order of dates."""
        faults = (self.missing, self.duplicates, self.unexplained, self.falling_dates)
        return self.count == self.counter and not any(faults)


async def series(connection: AsyncConnection, tenant_id: UUID) -> list[Any]:
    """Every series with the counters of its years, as rows with `years` in JSON."""
    return list(await connection.execute(_SERIES, {"tenant_id": tenant_id}))


async def proof(connection: AsyncConnection, tenant_id: UUID, document_kind: str, year: int) -> Proof | None:
    """The proof of one series and year from one snapshot; None if there is no such series."""
    row = (
        await connection.execute(_PROOF, {"tenant_id": tenant_id, "kind": document_kind, "year": year})
    ).one_or_none()
    return None if row is None else Proof(*row)
