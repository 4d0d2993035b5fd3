"""Setting up number series, and explaining numbers that no document has. One change of a series at a time."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from valeo_erp.kernel.problems import Failure, not_found, refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.kernel.versions import require_version
from valeo_erp.numbering import repository
from valeo_erp.numbering.series import (
    Numbered,
    Series,
    against_closing,
    against_prefix,
    against_reopening,
    against_start,
    against_voids,
    written,
)

_ADD = text("""
insert into number_series (tenant_id, document_kind, prefix) values (:tenant_id, :kind, :prefix)
on conflict do nothing returning document_kind
""")
# Whoever posts holds the table in a weaker mode and reads the prefix after it got it: nobody gives an old prefix.
_NOBODY_POSTS = text("lock table number_counter in share row exclusive mode")
_PREFIX_TAKEN = text("""
select document_kind from number_series where tenant_id = :tenant_id and prefix = :prefix and document_kind <> :kind
""")
_SET_PREFIX = text("update number_series set prefix = :prefix where tenant_id = :tenant_id and document_kind = :kind")
_RAISE_VERSION = text(
    "update number_series set version = version + 1 where tenant_id = :tenant_id and document_kind = :kind"
)
_FORGET_START = text("""
delete from number_counter
where tenant_id = :tenant_id and document_kind = :kind and year = :year and last < start
""")
_BEGIN_YEAR = text("""
insert into number_counter (tenant_id, document_kind, year, start, last, last_date)
values (:tenant_id, :kind, :year, :start, :last, :day) on conflict do nothing returning year
""")
_COUNT_ON = text("""
insert into number_counter as c (tenant_id, document_kind, year, last, last_date)
values (:tenant_id, :kind, :year, :last, :day)
on conflict (tenant_id, document_kind, year) do update set last = greatest(c.last, excluded.last)
""")
_CLOSE = text("""
update number_counter set closed_at = :at, closed_by = :by
where tenant_id = :tenant_id and document_kind = :kind and year = :year
""")
_VOID = text("""
insert into number_void (tenant_id, document_kind, year, sequence, number, reason, voided_by, voided_at)
values (:tenant_id, :kind, :year, :sequence, :number, :reason, :by, :at)
""")


async def create(transaction: Transaction, kind: Numbered, prefix: str) -> Series:
    """Set up the series of a kind.

    Raises:
        Problem: 409 when the kind has one, or another kind has the prefix.
    """
    where = _own(transaction, kind)
    added = (await transaction.connection.execute(_ADD, where | {"prefix": prefix})).one_or_none()
    if added is None:
        raise refused(
            "series_exists", f"The kind {kind} has a series already, or another kind has the prefix {prefix}."
        )
    made = Series(kind.value, prefix, 1, ())
    _traced(transaction, "create", None, made)
    return made


async def change_prefix(transaction: Transaction, kind: Numbered, expected_version: int, prefix: str) -> Series:
    """Give an unused series another prefix; waits for whoever posts at the moment.

    Raises:
        Problem: 404, 412, 409 once a number was given, or when another kind has the prefix.
    """
    await transaction.connection.execute(_NOBODY_POSTS)
    found = await _locked(transaction, kind, expected_version)
    where = _own(transaction, kind) | {"prefix": prefix}
    failures = against_prefix(found)
    other = await transaction.connection.scalar(_PREFIX_TAKEN, where)
    if other is not None:
        failures.append(Failure("prefix_taken", f"The series of {other} has the prefix {prefix}.", "prefix"))
    _refuse("The prefix was not changed.", failures)
    await transaction.connection.execute(_SET_PREFIX, where)
    return await _changed(transaction, "edit", found, {})


async def begin_year(transaction: Transaction, kind: Numbered, expected_version: int, year: int, start: int) -> Series:
    """Say with which sequence a year begins that has none yet, because another system gave those before.

    Raises:
        Problem: 404, 412, 409 once a number of the year was given.
    """
    found = await _locked(transaction, kind, expected_version)
    _refuse("The year does not begin there.", against_start(found, year))
    where = _own(transaction, kind) | {"year": year}
    await transaction.connection.execute(_FORGET_START, where)
    if start > 1:
        values = where | {"start": start, "last": start - 1, "day": date(year, 1, 1)}
        if (await transaction.connection.execute(_BEGIN_YEAR, values)).one_or_none() is None:
            raise refused("year_used", f"A number of {year} was given at this very moment; the year has begun.")
    return await _changed(transaction, "begin_year", found, {"year": year, "start": start})


async def close_year(transaction: Transaction, kind: Numbered, expected_version: int, year: int) -> Series:
    """Give no more numbers of a year that is over.

    Raises:
        Problem: 404, 412, 409 with what stands against it.
    """
    found = await _locked(transaction, kind, expected_version)
    _refuse("The year was not closed.", against_closing(found, year, transaction.business_date))
    by = {"year": year, "at": transaction.at, "by": transaction.principal.subject}
    await transaction.connection.execute(_CLOSE, _own(transaction, kind) | by)
    return await _changed(transaction, "close_year", found, {"year": year})


async def reopen_year(
    transaction: Transaction, kind: Numbered, expected_version: int, year: int, reason: str
) -> Series:
    """Give numbers of a closed year again.

    Raises:
        Problem: 404, 412, 409 when it is not closed.
    """
    found = await _locked(transaction, kind, expected_version)
    _refuse("The year was not reopened.", against_reopening(found, year))
    await transaction.connection.execute(_CLOSE, _own(transaction, kind) | {"year": year, "at": None, "by": None})
    return await _changed(transaction, "reopen_year", found, {"year": year}, reason)


async def void(
    transaction: Transaction, kind: Numbered, expected_version: int, year: int, first: int, last: int, reason: str
) -> Series:
    """Explain numbers that no document of this system has: used elsewhere, or lost with a restored backup.

    They are the next ones, which are then never given, or ones that the proof names as missing.

    Raises:
        Problem: 404, 412, 409 with what stands against it.
    """
    found = await _locked(transaction, kind, expected_version)
    where = _own(transaction, kind) | {"year": year}
    numbers = {sequence: written(found.prefix, year, sequence) for sequence in range(first, last + 1)[:1000]}
    taken = await repository.taken(transaction.connection, transaction.tenant_id, kind.value, list(numbers.values()))
    _refuse("The numbers were not voided.", against_voids(found, year, first, last, taken))
    await transaction.connection.execute(_COUNT_ON, where | {"last": last, "day": date(year, 1, 1)})
    by = {"reason": reason, "by": transaction.principal.subject, "at": transaction.at}
    rows = [where | by | {"sequence": sequence, "number": number} for sequence, number in numbers.items()]
    await transaction.connection.execute(_VOID, rows)
    return await _changed(transaction, "void", found, {"numbers": list(numbers.values())}, reason)


def _own(transaction: Transaction, kind: Numbered) -> dict[str, Any]:
    return {"tenant_id": transaction.tenant_id, "kind": kind.value}


async def _locked(transaction: Transaction, kind: Numbered, expected_version: int) -> Series:
    found = await repository.lock(transaction.connection, transaction.tenant_id, kind.value)
    if found is None:
        raise not_found("number series")
    require_version(expected_version, found.version)
    return found


def _refuse(detail: str, failures: list[Failure]) -> None:
    if failures:
        raise refused("series_unchanged", detail, failures)


async def _changed(
    transaction: Transaction, action: str, before: Series, told: Mapping[str, Any], reason: str | None = None
) -> Series:
    kind = Numbered(before.document_kind)
    await transaction.connection.execute(_RAISE_VERSION, _own(transaction, kind))
    after = await repository.find(transaction.connection, transaction.tenant_id, kind.value)
    if after is None:
        raise AssertionError("the series is locked")
    _traced(transaction, action, before, after, told, reason)
    return after


def _traced(
    transaction: Transaction,
    action: str,
    before: Series | None,
    after: Series,
    told: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    identifier = series_id(transaction.tenant_id, after.document_kind)
    transaction.audit(
        action,
        "number_series",
        identifier,
        reason=reason,
        before=None if before is None else _audited(before),
        after={**_audited(after), **(told or {})},
    )
    transaction.publish("number_series.changed", "number_series", identifier, {"version": after.version})


def series_id(tenant_id: UUID, kind: str) -> UUID:
    """How audit and events name a series: series are known by their kind."""
    return uuid5(tenant_id, f"number series {kind}")


def _audited(series: Series) -> dict[str, Any]:
    years = [
        {"year": y.year, "start": y.start, "last": y.last, "closed": y.closed_at is not None} for y in series.years
    ]
    return {"document_kind": series.document_kind, "prefix": series.prefix, "version": series.version, "years": years}
