"""The double-entry book: what a posting does to it, what nobody can do to it, and how a change shows."""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import INVOICES, moved, posted, written
from tests.support.people import HOFMANN

from valeo_erp.demo.postgres import LocalServer
from valeo_erp.kernel.tenancy import SETTING

As = Callable[..., dict[str, str]]


async def book(client: httpx.AsyncClient, as_: As, **query: str | int) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    while True:
        answer = await client.get("/api/v1/journal", params=query, headers=as_("anna"))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        entries += page["items"]
        if page["next_cursor"] is None:
            return entries
        query["cursor"] = page["next_cursor"]


async def verified(client: httpx.AsyncClient, as_: As) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/v1/journal/verify", headers=as_("anna"))).json()
    return found


async def test_a_posting_is_one_balanced_entry(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    [entry] = await book(client, as_)
    assert (entry["sequence"], entry["document_number"], entry["posted_by"]) == (1, invoice["number"], "anna")
    assert entry["lines"][0]["account"] == "1400"
    assert entry["lines"][0]["debit"] == invoice["gross_total"]
    assert sum(Decimal(line["debit"]) for line in entry["lines"]) == sum(
        Decimal(line["credit"]) for line in entry["lines"]
    )


async def test_a_reversal_is_the_mirrored_entry(client: httpx.AsyncClient, as_: As) -> None:
    await moved(client, await posted(client), "reverse", "anna", "Falscher Kunde")
    forth, back = await book(client, as_)
    assert [(line["account"], line["debit"], line["credit"]) for line in forth["lines"]] == [
        (line["account"], line["credit"], line["debit"]) for line in back["lines"]
    ]
    assert forth["document_number"] in back["text"]


async def test_the_book_holds_no_names(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    [entry] = await book(client, as_)
    assert invoice["party"]["name"] not in str(entry)


async def test_the_book_is_listed_in_pages_and_by_day_and_account(client: httpx.AsyncClient, as_: As) -> None:
    days = [(await posted(client))["document_date"] for _ in range(3)]
    assert [entry["sequence"] for entry in await book(client, as_, limit=1)] == [1, 2, 3]
    assert len(await book(client, as_, **{"from": days[0], "to": days[0]})) == 3
    assert await book(client, as_, to="2001-01-01") == []
    assert len(await book(client, as_, account="1400")) == 3
    assert await book(client, as_, account="4711") == []


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzEsIDJd", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ"])
async def test_a_cursor_of_somebody_elses_making_is_refused(client: httpx.AsyncClient, as_: As, cursor: str) -> None:
    answer = await client.get("/api/v1/journal", params={"cursor": cursor}, headers=as_("anna"))
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_another_tenants_book_is_another_book(client: httpx.AsyncClient, as_: As) -> None:
    await posted(client)
    assert (await client.get("/api/v1/journal", headers=as_("bruno"))).json()["items"] == []
    assert (await client.get("/api/v1/journal/verify", headers=as_("bruno"))).json()["entries"] == 0


async def test_a_book_as_it_was_posted_verifies(client: httpx.AsyncClient, as_: As) -> None:
    await moved(client, await posted(client), "reverse", "anna", "Falscher Kunde")
    found = await verified(client, as_)
    assert (found["verified"], found["entries"], found["first_broken"]) == (True, 2, None)
    assert found["head"] == (await book(client, as_))[-1]["hash"]


TAMPERED = {
    "update valeo.journal_line set credit = credit + 1 where sequence = 2 and position = 2": (
        2,
        "Entry 2 does not say what it said when it was posted.",
    ),
    "update valeo.journal_entry set entry_date = '2001-01-01' where sequence = 3": (
        3,
        "Entry 3 does not say what it said when it was posted.",
    ),
    "delete from valeo.journal_line where sequence = 1 and position = 1": (
        1,
        "Entry 1 does not say what it said when it was posted.",
    ),
    "update valeo.journal_entry set previous_hash = hash where sequence = 2": (
        2,
        "Entry 2 is not chained to the entry before it.",
    ),
    "with gone as (delete from valeo.journal_entry where sequence = 2) delete from valeo.journal_line"
    " where sequence = 2": (3, "Entry 2 is missing; the next one found is 3."),
    "with gone as (delete from valeo.journal_entry where sequence = 3) delete from valeo.journal_line"
    " where sequence = 3": (3, "The book ends with entry 2, but its head is entry 3."),
    "delete from valeo.journal_head": (0, "There are entries, but the head of the chain is gone."),
}


@pytest.mark.parametrize("tampering", TAMPERED)
async def test_a_change_past_the_program_is_found_and_the_first_broken_entry_named(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection, tampering: str
) -> None:
    for _ in range(3):
        await posted(client)
    await administration.execute("set session_replication_role = replica")  # triggers off, as an intruder would
    await administration.execute(tampering)
    found = await verified(client, as_)
    assert found["verified"] is False
    assert (found["first_broken"]["sequence"], found["first_broken"]["reason"]) == TAMPERED[tampering]


@pytest.fixture
async def application(server: LocalServer, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the grants that the service has."""
    password = (server.secrets / "valeo_app_a" / "password").read_text()
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=server.port,
        user="valeo_app_a",
        password=password,
        database=database,
        server_settings={"search_path": "valeo", SETTING: str(HOFMANN)},
    )
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", ["journal_entry", "journal_line", "number_given", "audit_entry", "print_archive"])
@pytest.mark.parametrize("change", ["update {} set tenant_id = tenant_id", "delete from {}", "truncate {}"])
async def test_the_application_has_no_right_to_change_what_was_written(
    client: httpx.AsyncClient, application: asyncpg.Connection, table: str, change: str
) -> None:
    await posted(client)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(change.format(table))


@pytest.mark.parametrize("table", ["journal_entry", "journal_line", "number_given", "audit_entry"])
@pytest.mark.parametrize("change", ["update valeo.{} set tenant_id = tenant_id", "delete from valeo.{}"])
async def test_not_even_the_owner_changes_what_was_written(
    client: httpx.AsyncClient, administration: asyncpg.Connection, table: str, change: str
) -> None:
    await posted(client)
    with pytest.raises(asyncpg.RestrictViolationError):
        await administration.execute(change.format(table))


ONE_MORE_LINE = (
    "insert into document_line select tenant_id, document_id, 99, item_id, item_number, description, quantity,"
    " unit, unit_price, price_base, price_unit, discount, tax_code, tax_rate, net, revenue_account"
    " from document_line limit 1"
)


@pytest.mark.parametrize(
    "change",
    [
        "update document set note = 'x'",
        "update document set gross_total = 1, net_total = 1, tax_total = 0",
        "update document set state = 'draft', number = null",
        "update document set state = 'reversed', note = 'x'",
        "update document_line set net = 0",
        "delete from document_line",
        ONE_MORE_LINE,
    ],
)
async def test_a_posted_document_and_its_lines_are_never_changed(
    client: httpx.AsyncClient, application: asyncpg.Connection, change: str
) -> None:
    await posted(client)
    with pytest.raises(asyncpg.RestrictViolationError):
        await application.execute(change)


async def test_no_document_is_deleted_by_the_application(
    client: httpx.AsyncClient, application: asyncpg.Connection
) -> None:
    await written(client)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("delete from document")


async def test_the_database_refuses_an_entry_that_does_not_balance(
    client: httpx.AsyncClient, application: asyncpg.Connection
) -> None:
    await posted(client)
    await application.execute("begin")
    await application.execute(
        "insert into journal_line select tenant_id, sequence, 99, '9999', 1, 0, 'x' from journal_entry"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await application.execute("commit")


async def test_amounts_changed_past_the_program_are_not_posted(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoice = await moved(client, await moved(client, await written(client), "submit", "olga"), "approve", "max")
    await administration.execute("update valeo.document set net_total = net_total + 1, gross_total = gross_total + 1")
    answer = await client.post(
        f"{INVOICES}/{invoice['id']}/actions/post", headers=as_("anna", If_Match=f'"{invoice["version"]}"')
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "totals_differ")


async def test_lines_changed_past_the_program_are_not_posted(
    client: httpx.AsyncClient, as_: As, administration: asyncpg.Connection
) -> None:
    invoice = await moved(client, await moved(client, await written(client), "submit", "olga"), "approve", "max")
    await administration.execute("update valeo.document_line set description = 'Gold'")
    answer = await client.post(
        f"{INVOICES}/{invoice['id']}/actions/post", headers=as_("anna", If_Match=f'"{invoice["version"]}"')
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "approval_stale")
