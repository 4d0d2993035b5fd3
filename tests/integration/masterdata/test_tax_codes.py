"""Tax codes by validity: a rate that a document carries never changes, another one follows it, no two hold at once."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from tests.support.invoices import body, item, moved, posted, written
from tests.support.trade import failures

TAX_CODES = "/api/v1/tax-codes"
STANDARD = f"{TAX_CODES}/standard/2021-01-01"
LINES = [{"item_id": item(9), "quantity": "10", "tax_code": "standard"}]
NEW = {"code": "margin", "name": "Differenzbesteuerung", "rate": "0", "tax_account": "1770", "valid_from": "2026-01-01"}
MARGIN = f"{TAX_CODES}/margin/2026-01-01"


def by(person: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {person}"} | {name.replace("_", "-"): value for name, value in more.items()}


async def sends(
    client: httpx.AsyncClient, address: str, values: dict[str, Any], method: str = "POST", person: str = "max"
) -> httpx.Response:
    """The answer to a change by somebody who has just read the rate."""
    rate = "/".join(address.split("/")[:6])
    etag = (await client.get(rate, headers=by("olga"))).headers["etag"]
    return await client.request(method, address, json=values, headers=by(person, If_Match=etag))


async def rates(client: httpx.AsyncClient, code: str) -> list[tuple[str, str, str | None]]:
    items = (await client.get(TAX_CODES, headers=by("olga"))).json()["items"]
    return [(row["rate"], row["valid_from"], row["valid_to"]) for row in items if row["code"] == code]


async def test_a_rate_is_followed_from_a_day_on_and_documents_take_the_one_of_their_supply(
    client: httpx.AsyncClient,
) -> None:
    made = await sends(client, f"{STANDARD}/successor", {"valid_from": "2027-01-01", "rate": "20"})
    assert (made.status_code, made.json()["tax_account"], made.json()["version"]) == (201, "1776", 1)
    assert (await rates(client, "standard"))[-2:] == [
        ("19.0000", "2021-01-01", "2026-12-31"),
        ("20.0000", "2027-01-01", None),
    ]
    found = {
        day: (await written(client, lines=LINES, supply_date=day))["lines"][0]["tax_rate"]
        for day in ("2026-12-31", "2027-01-01")
    }
    assert found == {"2026-12-31": "19.0000", "2027-01-01": "20.0000"}


async def test_a_rate_that_a_document_carries_never_changes(client: httpx.AsyncClient) -> None:
    invoice = await posted(client, lines=LINES)
    values = {"name": "Anders", "rate": "21", "tax_account": "1776"}
    refused = await sends(client, STANDARD, values, "PUT")
    assert (refused.status_code, invoice["number"] in failures(refused)["tax_code_used"]) == (409, True)


async def test_a_rate_does_not_end_before_the_last_supply_that_carries_it(client: httpx.AsyncClient) -> None:
    draft = await written(client, lines=LINES, supply_date="2027-02-01")
    steps = {"successor": {"valid_from": "2027-01-01", "rate": "20"}, "end": {"valid_to": "2026-12-31"}}
    for step, values in steps.items():
        refused = await sends(client, f"{STANDARD}/{step}", values)
        assert (refused.status_code, draft["id"] in failures(refused)["tax_code_used"]) == (409, True)
    await moved(client, draft, "cancel", "olga")
    assert (await sends(client, f"{STANDARD}/end", {"valid_to": "2026-12-31"})).json()["valid_to"] == "2026-12-31"
    answer = await client.post("/api/v1/invoices", json=body(lines=LINES, supply_date="2027-02-01"), headers=by("olga"))
    assert failures(answer).keys() == {"no_tax_rate"}


async def test_an_unused_rate_is_corrected_by_its_version(client: httpx.AsyncClient) -> None:
    made = await client.post(TAX_CODES, json=NEW, headers=by("max", Idempotency_Key="write-the-code"))
    again = await client.post(TAX_CODES, json=NEW, headers=by("max", Idempotency_Key="write-the-code"))
    assert (made.status_code, made.headers["etag"], again.content) == (201, '"1"', made.content)
    values = {"name": "Differenzbesteuerung, §25a UStG", "rate": "0", "tax_account": "1770"}
    changed = await sends(client, MARGIN, values, "PUT")
    assert (changed.json()["name"], changed.json()["version"]) == (values["name"], 2)
    stale = await client.put(MARGIN, json=values, headers=by("max", If_Match='"1"'))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (await client.put(MARGIN, json=values, headers=by("max"))).status_code == 428
    assert (await client.put(MARGIN, json=values, headers=by("olga"))).json()["scope"] == "master:write"


async def test_changes_of_tax_codes_stand_in_the_audit_with_before_and_after(client: httpx.AsyncClient) -> None:
    await client.post(TAX_CODES, json=NEW, headers=by("max"))
    await sends(client, f"{MARGIN}/successor", {"valid_from": "2027-01-01", "rate": "1"})
    items = (await client.get("/api/v1/audit", params={"object_kind": "tax_code"}, headers=by("anna"))).json()["items"]
    told = [(entry["action"], (entry["before"] or {}).get("valid_to"), entry["after"]["valid_to"]) for entry in items]
    assert sorted(told) == [("create", None, None), ("create", None, None), ("end", None, "2026-12-31")]


async def test_two_rates_of_a_code_never_hold_on_the_same_day_also_when_written_at_the_same_time(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(
        *(client.post(TAX_CODES, json=NEW | {"valid_from": f"2026-01-0{n}"}, headers=by("max")) for n in range(1, 6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert failures(refused).keys() == {"tax_code_overlaps"}
    with pytest.raises(asyncpg.ExclusionViolationError, match="ex_tax_code_day"):
        await administration.execute(
            "insert into valeo.tax_code (tenant_id, code, valid_from, name, rate, tax_account)"
            " select tenant_id, code, valid_from + 1, name, rate, tax_account from valeo.tax_code"
            " where code = 'standard' and valid_to is null"
        )


WRONG = [
    {"valid_to": "2025-12-31"},
    {"self_assessed_rate": "19"},
    {"rate": "101"},
    {"tax_account": "12"},
    {"code": "Not A Code"},
]


@pytest.mark.parametrize("values", WRONG)
async def test_a_rate_that_can_not_be_is_refused(client: httpx.AsyncClient, values: dict[str, str]) -> None:
    assert (await client.post(TAX_CODES, json=NEW | values, headers=by("max"))).status_code == 422


async def test_a_rate_ends_earlier_but_never_later_and_never_before_it_begins(client: httpx.AsyncClient) -> None:
    await client.post(TAX_CODES, json=NEW | {"valid_to": "2026-06-30"}, headers=by("max"))
    for day, code in (("2026-07-01", "ends_already"), ("2025-12-31", "ends_before_it_begins")):
        assert failures(await sends(client, f"{MARGIN}/end", {"valid_to": day})).keys() == {code}
    values = {"name": "Probe", "rate": "0", "tax_account": "1770"}
    assert (await sends(client, MARGIN, values | {"valid_to": "2025-01-01"}, "PUT")).status_code == 422
    seen = by("max", If_Match='"1"')
    unknown = await client.post(f"{TAX_CODES}/none/2026-01-01/end", json={"valid_to": "2026-05-05"}, headers=seen)
    assert unknown.status_code == 404


async def test_a_rate_is_not_made_longer_into_the_days_of_another(client: httpx.AsyncClient) -> None:
    await client.post(TAX_CODES, json=NEW | {"valid_to": "2026-06-30"}, headers=by("max"))
    await client.post(TAX_CODES, json=NEW | {"valid_from": "2026-07-01"}, headers=by("max"))
    refused = await sends(client, MARGIN, {"name": "Probe", "rate": "0", "tax_account": "1770"}, "PUT")
    assert (refused.status_code, list(failures(refused))) == (409, ["tax_code_overlaps"])
