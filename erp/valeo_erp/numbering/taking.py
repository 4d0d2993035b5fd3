"""How a number is given: by one conditional upsert, in the statement that writes what carries it."""


def take_number(beside: str = "") -> str:
    """Queries for a numbered `LastWrite`: `taken` has `last` and `number`, written as `numbering.series.written` does.

    The upsert waits for whoever took a number before, and gives none when the date would fall or the year is closed.

    Args:
        beside: another query, with a comma before it, without whose row no number is given.
    """
    return f"""
given as (
  insert into number_counter as c (tenant_id, document_kind, year, last, last_date)
  select s.tenant_id, s.document_kind, :year::smallint, 1, :day::date
  from number_series s{beside}
  where s.tenant_id = :tenant_id and s.document_kind = :kind
  on conflict (tenant_id, document_kind, year)
    do update set last = c.last + 1, last_date = excluded.last_date
    where c.last_date <= excluded.last_date and c.closed_at is null
  returning c.last
), taken as (
  select g.last, s.prefix || '-' || :year::smallint || '-' || lpad(g.last::text, greatest(5, length(g.last::text)), '0')
    as number
  from given g, number_series s
  where s.tenant_id = :tenant_id and s.document_kind = :kind
), noted as (
  insert into number_given (tenant_id, document_kind, year, sequence, number, document_id, document_date)
  select :tenant_id::uuid, :kind::text, :year::smallint, taken.last, taken.number, :document_id::uuid, :day::date
  from taken
)"""  # noqa: S608 - no value stands in it
