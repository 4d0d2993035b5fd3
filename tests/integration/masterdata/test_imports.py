"""Files of parties and items: every bad row is told at once, and either all rows are written or none."""

import httpx
import pytest
from tests.support.trade import failures

PARTIES = "/api/v1/parties/import"
HEADING = "number;name;street;postal_code;city;country;vat_id;tax_status;payment_days;credit_limit\n"
GOOD = "20001;Hof Lindner GbR;Am Anger 3;94315;Straubing;DE;DE136695976;regular;30;15000,50\n"


async def sent(
    client: httpx.AsyncClient, text: str | bytes, path: str = PARTIES, person: str = "max", **query: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person}", "Content-Type": "text/csv"}
    return await client.post(path, params=query, content=text, headers=headers)


async def numbers(client: httpx.AsyncClient, text: str) -> list[str]:
    answer = await client.get("/api/v1/parties", params={"text": text}, headers={"Authorization": "Bearer max"})
    return [row["number"] for row in answer.json()["items"]]


async def test_a_dry_run_writes_nothing_and_the_real_one_everything(client: httpx.AsyncClient) -> None:
    file = HEADING + GOOD + GOOD.replace("20001", "20002")
    dry = await sent(client, file, dry_run="true")
    assert (dry.status_code, dry.json()) == (200, {"rows": 2, "written": 0})
    assert await numbers(client, "Lindner") == []
    assert (await sent(client, "\ufeff" + file)).json() == {"rows": 2, "written": 2}
    assert await numbers(client, "Lindner") == ["20001", "20002"]
    assert (await client.get("/api/v1/parties?text=20001", headers={"Authorization": "Bearer max"})).json()["items"][0][
        "credit_limit"
    ] == "15000.50"


async def test_every_bad_row_is_told_and_nothing_is_written(client: httpx.AsyncClient) -> None:
    rows = [
        GOOD,
        GOOD,
        GOOD.replace("20001", "10001"),
        GOOD.replace("20001", "20003").replace("DE136695976", "DE136695977"),
        GOOD.replace("20001", "20004").replace(";30;", ";bald;"),
        "20005;zu;kurz\n",
    ]
    answer = await sent(client, HEADING + "".join(rows))
    assert answer.status_code == 422
    told = [(failure["code"], failure["field"]) for failure in answer.json()["failures"]]
    assert told == [
        ("number_taken", "row 3.number"),
        ("number_taken", "row 4.number"),
        ("vat_id_faulty", "row 5.vat_id"),
        ("int_parsing", "row 6.payment_days"),
        ("cells_differ", "row 7"),
    ]
    assert await numbers(client, "Lindner") == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "no_rows"),
        (b"number;name\n", "no_rows"),
        ("number;ümlaut\n1;2\n".encode("latin-1"), "not_utf8"),
        (b'number;name\n"1;2\n', "not_csv"),
        (b"number;id\n1;2\n", "unknown_column"),
        (b"number;number\n1;2\n", "column_twice"),
    ],
)
async def test_what_is_not_such_a_file_is_refused(client: httpx.AsyncClient, file: bytes, code: str) -> None:
    assert code in failures(await sent(client, file))


async def test_items_are_imported_with_their_terms_of_grain(client: httpx.AsyncClient) -> None:
    heading = "number,name,name_en,unit,list_price,tax_code,revenue_account,grain.base_moisture,grain.shrinkage,"
    file = heading + "grain.base_impurity,grain.drying_price\n1051,Hafer,Oats,dt,19.50,reduced,8300,14.5,1.3,2,0.42\n"
    wrong = await sent(client, file.replace("reduced", "none"), "/api/v1/items/import")
    assert failures(wrong) == {"tax_code_unknown": "There is no tax code none."}
    assert (await sent(client, file, "/api/v1/items/import")).json() == {"rows": 1, "written": 1}
    found = (await client.get("/api/v1/items?text=Hafer", headers={"Authorization": "Bearer max"})).json()["items"]
    assert found[0]["grain"]["base_moisture"] == "14.5"


async def test_an_operator_imports_nothing(client: httpx.AsyncClient) -> None:
    assert (await sent(client, HEADING + GOOD, person="olga")).status_code == 403
