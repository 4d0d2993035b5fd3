"""Whatever is sent, the answer is a problem in words, and never a fault of the program."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.integration.hardening.conftest import Things
from tests.support.databases import cloned_database, settings_for
from tests.support.people import KnownPeople

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer


@pytest.fixture(scope="module")
async def app(server: LocalServer, template: str) -> AsyncIterator[FastAPI]:
    """One application for the whole module: what is refused changes nothing."""
    async with cloned_database(server, template, "valeo_shared_bad_input") as name:
        made = create_app(settings_for(server, name), KnownPeople())
        async with made.router.lifespan_context(made):
            yield made


ADAM = {"Authorization": "Bearer adam"}
JSON = ADAM | {"Content-Type": "application/json"}


def expect_problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """A refusal as RFC 9457 has it."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["code"]
    assert body["correlation_id"] == answer.headers["x-correlation-id"]
    return body


AMOUNTS = [
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "1e-400",
    "1E+10",
    "1.0000000000000001",
    "123456789012345678901234567890",
    "9" * 5000,
    "",
    " ",
    "-",
    "0",
    "-1",
    "0.00001",
    "1,5",
    "1_000",
    "\u0663",
    "0x10",
    "\u0000",
    "1\u00002",
    1,
    1.5,
    1e308,
    True,
    None,
    [],
    {},
]


@pytest.mark.parametrize("quantity", AMOUNTS, ids=lambda value: repr(value)[:24])
async def test_a_quantity_that_is_none_is_refused_with_its_field(
    client: httpx.AsyncClient, things: Things, quantity: object
) -> None:
    body = things.body | {"lines": [{"item_id": str(things.item_id), "quantity": quantity}]}
    problem = expect_problem(await client.post("/api/v1/invoices", json=body, headers=ADAM), 422)
    assert problem["failures"][0]["field"] == "body.lines.0.quantity"


PRICES = ["NaN", "1e400", "1.0000001", "-0.01", "12345678901234", "", "1.5e3", 20.4, [], "\u2028", "\uff11"]


@pytest.mark.parametrize("price", PRICES, ids=lambda value: repr(value)[:24])
async def test_a_price_that_is_none_is_refused_with_its_field(
    client: httpx.AsyncClient, things: Things, price: object
) -> None:
    line = {"item_id": str(things.item_id), "quantity": "1", "unit_price": price}
    answer = await client.post("/api/v1/invoices", json=things.body | {"lines": [line]}, headers=ADAM)
    assert expect_problem(answer, 422)["failures"][0]["field"] == "body.lines.0.unit_price"


async def test_amounts_that_overflow_together_are_refused_and_not_stored(
    client: httpx.AsyncClient, things: Things
) -> None:
    line = {"item_id": str(things.item_id), "quantity": "99999999999.9999", "unit_price": "9999999999999.999999"}
    for path in ("/api/v1/invoices", "/api/v1/invoices/calculate"):
        body = {"lines": [line] * 3} | ({} if path.endswith("calculate") else {"party_id": str(things.party_id)})
        expect_problem(await client.post(path, json=body, headers=ADAM), 422)


DATES = ["2026-02-30", "2026-13-01", "1989-12-31", "2101-01-01", "26-01-01", "01.02.2026", "2026-01-01T00:00:00Z"]
DATES_OF_OTHER_TYPES = ["", "now", "0000-00-00", "99999-01-01", 20260101, 0, -1, 1.5, [], "2026-01-0\u0661"]


@pytest.mark.parametrize("date", [*DATES, *DATES_OF_OTHER_TYPES], ids=repr)
async def test_a_date_that_is_none_is_refused_with_its_field(
    client: httpx.AsyncClient, things: Things, date: object
) -> None:
    answer = await client.post("/api/v1/invoices", json=things.body | {"document_date": date}, headers=ADAM)
    assert expect_problem(answer, 422)["failures"][0]["field"] == "body.document_date"


@pytest.mark.parametrize("date", DATES)
async def test_a_date_in_an_address_is_held_to_the_same(client: httpx.AsyncClient, date: str) -> None:
    expect_problem(await client.get("/api/v1/invoices", params={"from": date}, headers=ADAM), 422)
    seen = ADAM | {"If-Match": '"1"'}
    expect_problem(await client.post(f"/api/v1/periods/{date}/close", headers=seen), 404, 422)


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"1",
    b'"text"',
    b"\xff\xfe",
    b"\x00",
    b'{"lines": }',
    b'{"party_id": "\xc3\x28"}',
    b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"party_id": ' + b"9" * 6_000 + b"}",
    b'{"party_id": NaN, "lines": Infinity}',
    rb'{"party_id": "\ud800", "lines": []}',
    rb'{"\ud800\udfff\ud800": 1}',
    b'{"party_id": "x", "party_id": "y"}',
    b"party_id=1&lines=2",
    "\ufeff{}".encode(),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
@pytest.mark.parametrize("address", ["POST /invoices", "POST /invoices/calculate", "POST /parties", "POST /items"])
async def test_a_body_that_is_none_is_refused(client: httpx.AsyncClient, address: str, body: bytes) -> None:
    method, path = address.split(" ")
    expect_problem(await client.request(method, f"/api/v1{path}", content=body, headers=JSON), 400, 422)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=x", ""]
)
async def test_a_body_of_another_kind_is_refused(client: httpx.AsyncClient, things: Things, kind: str) -> None:
    content = json.dumps(things.body).encode()
    answer = await client.post("/api/v1/invoices", content=content, headers=ADAM | {"Content-Type": kind})
    assert answer.status_code in {201, 400, 415, 422}
    if answer.status_code != 201:
        expect_problem(answer, 400, 415, 422)


TEXTS = ["\u0000", "a\u0000b", "\u001b[31m", "\ud800", "x" * 2_001, "line\u0007bell"]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:20])
async def test_text_that_cannot_be_stored_or_printed_is_refused(
    client: httpx.AsyncClient, things: Things, text: str
) -> None:
    for change in ({"note": text}, {"lines": [{"item_id": str(things.item_id), "quantity": "1", "description": text}]}):
        content = json.dumps(things.body | change).encode()
        expect_problem(await client.post("/api/v1/invoices", content=content, headers=JSON), 422)


async def test_what_is_not_documented_is_refused_and_named(client: httpx.AsyncClient, things: Things) -> None:
    answer = await client.post("/api/v1/invoices", json=things.body | {"number": "INV-2026-00001"}, headers=ADAM)
    assert expect_problem(answer, 422)["failures"][0]["field"] == "body.number"


async def test_every_failing_field_is_told_at_once(client: httpx.AsyncClient) -> None:
    body = {"party_id": "x", "document_date": "x", "lines": [{"item_id": "x", "quantity": "x"}]}
    problem = expect_problem(await client.post("/api/v1/invoices", json=body, headers=ADAM), 422)
    assert {failure["field"] for failure in problem["failures"]} == {
        "body.party_id",
        "body.document_date",
        "body.lines.0.item_id",
        "body.lines.0.quantity",
    }


QUERIES = [
    {"cursor": "x"},
    {"cursor": ""},
    {"cursor": "W10"},
    {"cursor": "bnVsbA"},
    {"cursor": "WyJcdTAwMDAiLCJhIl0"},
    {"cursor": "WyIyMDI2LTAxLTAxIiwibm90LWEtdXVpZCJd"},
    {"cursor": "é" * 50},
    {"cursor": "A" * 5_000},
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "1e3"},
    {"limit": "99999999999999999999"},
    {"limit": "NaN"},
    {"sort": "drop table"},
    {"state": "unknown"},
    {"party_id": "1"},
    {"text": "\u0000"},
    {"text": "x" * 5_000},
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:40])
async def test_a_query_that_is_none_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    expect_problem(await client.get("/api/v1/invoices", params=query, headers=ADAM), 422)


@pytest.mark.parametrize("path", ["invoices", "parties", "items", "journal"])
@pytest.mark.parametrize("cursor", [query["cursor"] for query in QUERIES if "cursor" in query])
async def test_no_list_takes_a_cursor_that_it_did_not_give(client: httpx.AsyncClient, path: str, cursor: str) -> None:
    answer = await client.get(f"/api/v1/{path}", params={"cursor": cursor}, headers=ADAM)
    expect_problem(answer, 422)


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; drop table invoice; --', "%' or 1=1 --", "%%%%%%%%"])
async def test_a_search_finds_text_and_nothing_else(client: httpx.AsyncClient, text: str) -> None:
    for path in ("invoices", "parties", "items"):
        answer = await client.get(f"/api/v1/{path}", params={"text": text}, headers=ADAM)
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"] == [] or text in {"%", "_", '"', "'"}


@pytest.mark.parametrize(
    "identifier", ["1", "x", "null", "..%2f..%2fetc", "%00", "01980000-0000-7000-8000-00000000000g"]
)
async def test_an_id_that_is_none_is_refused(client: httpx.AsyncClient, identifier: str) -> None:
    for path in (
        "invoices/{}",
        "invoices/{}/audit",
        "invoices/{}/pdf",
        "invoices/{}/xrechnung",
        "parties/{}",
        "items/{}",
    ):
        expect_problem(await client.get(f"/api/v1/{path.format(identifier)}", headers=ADAM), 404, 422)


@pytest.mark.parametrize(
    "if_match", ["", "1", "*", '"x"', '"-1"', '"99999999999999999999"', 'W/"1", "2"', '"1' + "0" * 200]
)
async def test_a_version_that_is_none_is_refused(client: httpx.AsyncClient, things: Things, if_match: str) -> None:
    answer = await client.put(
        f"/api/v1/invoices/{things.document_id}", json=things.body, headers=ADAM | {"If-Match": if_match}
    )
    expect_problem(answer, 400, 412, 422)


async def test_a_change_without_a_version_is_asked_for_one(client: httpx.AsyncClient, things: Things) -> None:
    path = f"/api/v1/invoices/{things.document_id}"
    expect_problem(await client.put(path, json=things.body, headers=ADAM), 428)
    expect_problem(await client.post(f"{path}/actions/submit", headers=ADAM), 428)


@pytest.mark.parametrize("key", ["short", "x" * 129, "has a blank in it", "ümläüte-ümläüte"])
async def test_an_idempotency_key_that_is_none_is_refused(client: httpx.AsyncClient, things: Things, key: str) -> None:
    headers = ADAM | {"Idempotency-Key": key.encode("latin-1").decode("latin-1")}
    answer = await client.post(
        "/api/v1/invoices", json=things.body, headers=[(n.encode(), v.encode("latin-1")) for n, v in headers.items()]
    )
    expect_problem(answer, 422)


@pytest.mark.parametrize(
    "given", ["x", "a b c d e f g h", "x" * 65, "<script>alert(1)</script>", "%0d%0aSet-Cookie: a=b"]
)
async def test_a_correlation_id_that_is_none_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers={"X-Correlation-ID": given})
    assert answer.headers["x-correlation-id"] != given
    kept = await client.get("/healthz", headers={"X-Correlation-ID": "order-4711.a"})
    assert kept.headers["x-correlation-id"] == "order-4711.a"


@pytest.mark.parametrize("query", [{"kind": "DROP"}, {"kind": "a.b.c"}, {"kind": ""}, {"document_id": "1"}])
async def test_a_stream_is_not_opened_for_a_wish_that_is_none(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    expect_problem(await client.get("/api/v1/events", params=query, headers=ADAM), 422)


async def test_unknown_paths_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    expect_problem(await client.get("/api/v1/nothing", headers=ADAM), 404)
    expect_problem(await client.request("DELETE", "/api/v1/invoices", headers=ADAM), 405)
    expect_problem(await client.request("BREW", "/api/v1/invoices", headers=ADAM), 405)


async def test_a_body_over_the_limit_is_413_announced_or_not(client: httpx.AsyncClient, things: Things) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    announced = await client.post("/api/v1/invoices", content=b" " * 1_000_001, headers=JSON)
    chunked = await client.post("/api/v1/invoices", content=endless(), headers=JSON)
    keyed = await client.post("/api/v1/invoices", content=endless(), headers=JSON | {"Idempotency-Key": "k" * 20})
    page = await client.post(
        "/invoices", content=endless(), headers=ADAM | {"Content-Type": "application/x-www-form-urlencoded"}
    )
    for answer in (announced, chunked, keyed, page):
        assert expect_problem(answer, 413)["code"] == "body_too_large"
        assert answer.headers["connection"] == "close"
    many = things.body | {"lines": [{"item_id": str(things.item_id), "quantity": "1"}] * 501}
    expect_problem(await client.post("/api/v1/invoices", json=many, headers=ADAM), 422)


async def test_a_fault_of_the_program_is_told_with_its_correlation_id_and_nothing_else(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async def fault() -> None:
        raise ZeroDivisionError("a secret of the program")

    app.add_api_route("/fault", fault)
    answer = await client.get("/fault", headers={"X-Correlation-ID": "the-one-i-sent"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"] == "the-one-i-sent"
    assert "secret" not in answer.text
