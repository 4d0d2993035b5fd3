"""A sales invoice from draft to posted and back, as people do it through the API."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.support.invoices import INVOICES, body, moved, posted, written

As = Callable[..., dict[str, str]]


async def act(client: httpx.AsyncClient, as_: As, invoice: dict[str, Any], action: str, who: str) -> httpx.Response:
    headers = as_(who, If_Match=f'"{invoice["version"]}"')
    return await client.post(f"{INVOICES}/{invoice['id']}/actions/{action}", json={"reason": "Probe"}, headers=headers)


def failure_codes(answer: httpx.Response) -> list[str]:
    return [failure["code"] for failure in answer.json()["failures"]]


async def audit_of(client: httpx.AsyncClient, as_: As, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"{INVOICES}/{invoice['id']}/audit", headers=as_("olga"))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_invoice_gets_its_number_when_it_is_posted(client: httpx.AsyncClient) -> None:
    invoice = await posted(client)
    assert invoice["state"] == "posted"
    assert invoice["number"] == f"INV-{invoice['document_date'][:4]}-00001"


async def test_what_is_written_is_what_is_read(client: httpx.AsyncClient, as_: As) -> None:
    made = await client.post(INVOICES, json=body(), headers=as_("olga"))
    read = await client.get(made.headers["location"], headers=as_("olga"))
    assert made.status_code == 201
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'


async def test_a_manager_who_submitted_does_not_approve(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client, "max"), "submit", "max")
    answer = await act(client, as_, invoice, "approve", "max")
    assert answer.status_code == 409
    assert failure_codes(answer) == ["four_eyes"]


async def test_an_operator_does_not_approve_and_hears_which_scope_is_missing(
    client: httpx.AsyncClient, as_: As
) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    answer = await act(client, as_, invoice, "approve", "olga")
    assert answer.status_code == 403
    assert answer.json()["scope"] == "sales:approve"


async def test_a_refused_attempt_is_in_the_history_with_its_reason(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client, "max"), "submit", "max")
    await act(client, as_, invoice, "approve", "max")
    *_, last = await audit_of(client, as_, invoice)
    assert (last["action"], last["outcome"], last["actor"]) == ("approve", "refused", "max")
    assert "somebody else must approve it" in last["reason"]


async def test_the_history_tells_every_step_with_who_and_why(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    invoice = await moved(client, invoice, "reject", "max", "Falsche Menge")
    await moved(client, invoice, "rework", "olga")
    history = await audit_of(client, as_, invoice)
    assert [(entry["action"], entry["actor"]) for entry in history] == [
        ("create", "olga"),
        ("submit", "olga"),
        ("reject", "max"),
        ("rework", "olga"),
    ]
    assert history[2]["reason"] == "Falsche Menge"
    assert (history[2]["before"]["state"], history[2]["after"]["state"]) == ("submitted", "rejected")


async def test_the_history_comes_in_pages_without_gap_or_repetition(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    whole = await audit_of(client, as_, invoice)
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 1}
    while True:
        page = (await client.get(f"{INVOICES}/{invoice['id']}/audit", params=query, headers=as_("olga"))).json()
        seen += [entry["id"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [entry["id"] for entry in whole]


@pytest.mark.parametrize("cursor", ["WzFd", "WyJhIiwgImIiXQ", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgIjEiXQ"])
async def test_a_cursor_that_the_history_did_not_give_out_is_refused(
    client: httpx.AsyncClient, as_: As, cursor: str
) -> None:
    invoice = await written(client)
    url = f"{INVOICES}/{invoice['id']}/audit"
    answer = await client.get(url, params={"cursor": cursor}, headers=as_("olga"))
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_a_rejection_needs_a_reason(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    headers = as_("max", If_Match=f'"{invoice["version"]}"')
    answer = await client.post(f"{INVOICES}/{invoice['id']}/actions/reject", headers=headers)
    assert (answer.status_code, failure_codes(answer)) == (409, ["reason_missing"])


async def test_an_edit_takes_submission_and_approval_away(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    invoice = await moved(client, invoice, "approve", "max")
    answer = await client.put(
        f"{INVOICES}/{invoice['id']}", json=body(note="Hoftor 3"), headers=as_("olga", If_Match='"3"')
    )
    edited = answer.json()
    assert (edited["state"], edited["version"], edited["note"]) == ("draft", 4, "Hoftor 3")
    assert (edited["submitted_by"], edited["approved_by"]) == (None, None)


async def test_saving_the_same_content_takes_nothing_away(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    answer = await client.put(f"{INVOICES}/{invoice['id']}", json=body(), headers=as_("mia", If_Match='"2"'))
    assert (answer.json()["state"], answer.headers["etag"]) == ("submitted", '"2"')


async def test_fewer_lines_leave_no_old_ones_behind(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await written(client)
    fewer = body(lines=body()["lines"][:1])
    await client.put(f"{INVOICES}/{invoice['id']}", json=fewer, headers=as_("olga", If_Match='"1"'))
    read = (await client.get(f"{INVOICES}/{invoice['id']}", headers=as_("olga"))).json()
    assert [line["position"] for line in read["lines"]] == [1]
    assert read["net_total"] == read["lines"][0]["net"]


async def test_a_revoked_approval_is_asked_for_again(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    invoice = await moved(client, await moved(client, invoice, "approve", "max"), "revoke", "max")
    assert (invoice["state"], invoice["approved_by"]) == ("submitted", None)
    assert (await act(client, as_, invoice, "post", "anna")).status_code == 409


async def test_a_withdrawn_document_keeps_no_number_and_no_submitter(client: httpx.AsyncClient) -> None:
    invoice = await moved(client, await moved(client, await written(client), "submit", "olga"), "withdraw", "olga")
    assert (invoice["state"], invoice["number"], invoice["submitted_by"]) == ("draft", None, None)


async def test_a_posted_invoice_is_not_edited_or_cancelled(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    headers = as_("adam", If_Match=f'"{invoice["version"]}"')
    edit = await client.put(f"{INVOICES}/{invoice['id']}", json=body(note="x"), headers=headers)
    assert (edit.status_code, failure_codes(edit)) == (409, ["not_editable"])
    assert failure_codes(await act(client, as_, invoice, "cancel", "adam")) == ["transition"]


async def test_a_posted_invoice_keeps_the_address_it_was_posted_with(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    url = f"/api/v1/parties/{invoice['party_id']}"
    party = (await client.get(url, headers=as_("max"))).json()
    moved_away = {name: value for name, value in party.items() if name not in {"id", "version", "updated_at"}}
    await client.put(url, json=moved_away | {"street": "Neue Straße 1"}, headers=as_("max", If_Match='"1"'))
    draft = await written(client)
    read = (await client.get(f"{INVOICES}/{invoice['id']}", headers=as_("olga"))).json()
    assert (read["party"]["street"], draft["party"]["street"]) == (party["street"], "Neue Straße 1")


async def test_a_reversal_is_a_document_with_a_number_of_its_own(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await posted(client)
    original = await moved(client, invoice, "reverse", "anna", "Falscher Kunde")
    reversal = (await client.get(f"{INVOICES}/{original['reversed_by_id']}", headers=as_("anna"))).json()
    assert (original["state"], original["number"]) == ("reversed", invoice["number"])
    assert (reversal["state"], reversal["reverses_id"]) == ("posted", invoice["id"])
    assert reversal["number"] == invoice["number"].replace("00001", "00002")
    assert reversal["gross_total"] == f"-{invoice['gross_total']}"
    assert [line["quantity"] for line in reversal["lines"]] == [f"-{line['quantity']}" for line in invoice["lines"]]


async def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(client: httpx.AsyncClient, as_: As) -> None:
    original = await moved(client, await posted(client), "reverse", "anna", "Falscher Kunde")
    assert failure_codes(await act(client, as_, original, "reverse", "anna")) == ["transition"]
    reversal = (await client.get(f"{INVOICES}/{original['reversed_by_id']}", headers=as_("anna"))).json()
    assert failure_codes(await act(client, as_, reversal, "reverse", "anna")) == ["is_reversal"]


async def test_the_tax_rate_is_that_of_the_date_of_supply(client: httpx.AsyncClient) -> None:
    invoice = await written(client, supply_date="2020-09-15", document_date="2021-01-05", due_date="2021-01-31")
    assert {tax["rate"] for tax in invoice["taxes"]} == {"5.0000"}


@pytest.mark.parametrize("action", ["submit", "approve", "post"])
async def test_whoever_saw_an_older_version_changes_nothing(client: httpx.AsyncClient, as_: As, action: str) -> None:
    invoice = await moved(client, await written(client), "submit", "olga")
    answer = await act(client, as_, invoice | {"version": 1}, action, "anna")
    assert (answer.status_code, answer.json()["current_version"]) == (412, 2)
    assert answer.headers["etag"] == '"2"'


async def test_a_change_without_a_version_is_asked_for_one(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await written(client)
    put = await client.put(f"{INVOICES}/{invoice['id']}", json=body(), headers=as_("olga"))
    post = await client.post(f"{INVOICES}/{invoice['id']}/actions/submit", headers=as_("olga"))
    assert (put.status_code, post.status_code) == (428, 428)


async def test_another_tenants_invoice_is_not_there(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await written(client)
    url = f"{INVOICES}/{invoice['id']}"
    brandt = as_("bruno", If_Match='"1"')
    answers = [
        await client.get(url, headers=brandt),
        await client.get(f"{url}/audit", headers=brandt),
        await client.put(url, json=body(), headers=brandt),
        await client.post(f"{url}/actions/submit", headers=brandt),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await client.get(INVOICES, headers=as_("bruno"))).json()["items"] == []


async def test_another_tenants_party_and_items_are_unknown(client: httpx.AsyncClient, as_: As) -> None:
    answer = await client.post(INVOICES, json=body(), headers=as_("bruno"))
    assert answer.status_code == 422
    assert failure_codes(answer) == ["party_unknown", "item_unknown", "item_unknown", "item_unknown"]


async def test_every_fault_of_a_draft_is_told_at_once_with_its_field(client: httpx.AsyncClient, as_: As) -> None:
    faulty = body(party_id=str(uuid4()), due_date="2000-01-01")
    faulty["lines"][1]["unit"] = "piece"
    answer = await client.post(INVOICES, json=faulty, headers=as_("olga"))
    assert [(failure["code"], failure["field"]) for failure in answer.json()["failures"]] == [
        ("party_unknown", "party_id"),
        ("due_before_document", "due_date"),
        ("unit_mismatch", "lines.1.unit"),
    ]


async def test_amounts_calculated_on_the_way_are_those_of_the_document(client: httpx.AsyncClient, as_: As) -> None:
    lines = body()["lines"]
    calculated = await client.post(f"{INVOICES}/calculate", json={"lines": lines}, headers=as_("olga"))
    invoice = await written(client)
    amounts = ("net_total", "tax_total", "gross_total", "taxes", "lines")
    assert {name: calculated.json()[name] for name in amounts} == {name: invoice[name] for name in amounts}


async def test_faults_of_lines_are_told_while_calculating(client: httpx.AsyncClient, as_: As) -> None:
    lines = [{"item_id": str(uuid4()), "quantity": "1"}]
    answer = await client.post(f"{INVOICES}/calculate", json={"lines": lines}, headers=as_("olga"))
    assert (answer.status_code, failure_codes(answer)) == (422, ["item_unknown"])


async def test_the_actions_offered_are_those_that_succeed(client: httpx.AsyncClient, as_: As) -> None:
    invoice = await moved(client, await written(client, "max"), "submit", "max")
    for person in ("olga", "max", "mia", "anna"):
        read = (await client.get(f"{INVOICES}/{invoice['id']}", headers=as_(person))).json()
        [approve] = [offer for offer in read["actions"] if offer["action"] == "approve"]
        assert approve["allowed"] == (person in {"mia", "anna"})
    assert (await act(client, as_, invoice, "approve", "mia")).status_code == 200
