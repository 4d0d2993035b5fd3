"""A trader who has written a million invoices, as rows: posting them one by one would take an hour.

What lists stumble over is in it: numbers, dates and due dates that rise together, drafts that are all of the last
days, a few buyers with many invoices and many with few, words in every note and words in one.
"""

from uuid import UUID

from tests.bench.surroundings import Surroundings

PARTIES = 2_000
OF_THE_LARGEST, LARGEST_SHARE = 20, 5
"""One invoice of so many goes to one of the largest buyers."""

_PARTIES = """
insert into party (tenant_id, id, number, name, street, postal_code, city, country, vat_id, payment_days, tax_status)
select $1::uuid, ('01990001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'K' || lpad(n::text, 6, '0'),
  (array['Hof', 'Gut', 'Mühle', 'Agrar', 'Landhandel'])[n % 5 + 1] || ' '
    || initcap(translate(md5(n::text), '0123456789', 'aeiouaeiou')), 'Dorfstraße ' || n % 90 + 1,
  lpad((n * 37 % 99999)::text, 5, '0'), 'Straubing', 'DE', null, 14 + 7 * (n % 4), 'regular'
from generate_series(1, $2::int) n
"""

# Days go from three years ago until today; what is not posted yet is of the last days, the way people work.
_DOCUMENTS = f"""
insert into document (tenant_id, id, kind, state, version, number, party_id, party, document_date, supply_date,
                      due_date, currency, note, reference, net_total, tax_total, gross_total, taxes, content_hash,
                      created_by, created_at, edited_by, edited_at)
select $1::uuid, ('01990002-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'invoice', w.state, 4,
  case when w.state in ('posted', 'reversed')
       then 'INV-' || extract(year from w.day) || '-' || lpad(n::text, greatest(5, length(n::text)), '0') end,
  w.party_id,
  case when w.state in ('posted', 'reversed') then jsonb_build_object('number', p.number, 'name', p.name) end,
  w.day, w.day, w.day + p.payment_days, 'EUR',
  (array['Lieferung frei Hof', 'ab Lager', 'Kontrakt Ernte', 'Abholung durch Käufer'])[n % 4 + 1] || ', Partie '
    || md5(n::text),
  case when n % 3 = 0 then 'B-' || (n::bigint * 7919 % 1000003) else '' end, w.net, round(w.net * 0.07, 2),
  w.net + round(w.net * 0.07, 2), '[]', ''::bytea, 'olga', w.day, 'olga', w.day
from (
  select n, current_date - 1095 + (n::bigint * 1095 / $2::int)::int as day, (n::bigint * 6151 % 2500000 / 100.0) as net,
    case when n % 97 = 0 then 'cancelled' when n % 199 = 0 then 'reversed'
         when n < $2::int - $2::int / 200 then 'posted'
         else (array['draft', 'submitted', 'approved', 'rejected', 'posted'])[n % 5 + 1] end as state,
    ('01990001-0000-7000-8000-' || lpad(to_hex(
       case when n % {LARGEST_SHARE} = 0 then n / {LARGEST_SHARE} % {OF_THE_LARGEST} + 1
            else n * 104729::bigint % $3::int + 1 end), 12, '0'))::uuid as party_id
  from generate_series(1, $2::int) n) w
join party p on p.tenant_id = $1::uuid and p.id = w.party_id
"""  # noqa: S608 - only constants of this module


def party_id(ordinal: int) -> UUID:
    """A buyer: up to `OF_THE_LARGEST` one of the largest."""
    return UUID(f"01990001-0000-7000-8000-{ordinal:012x}")


def fill(place: Surroundings, tenant: UUID, count: int) -> None:
    """Write so many invoices of a trader, and let the database look at what it has."""
    parties = min(PARTIES, count)
    place.query(_PARTIES, tenant, parties)
    place.query(_DOCUMENTS, tenant, count, parties)
    place.query("vacuum analyze document, party")
