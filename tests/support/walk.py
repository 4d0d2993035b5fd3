"""The way of one invoice through a running installation, from outside: draft, posted, printed, exported, seen live.

Run by the cluster tier as a test, and by `tests/cluster/walk` for a person, who reads along.
"""

import argparse
import asyncio
import csv
import io
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import pypdf
from openpyxl import load_workbook
from tests.support.listening import Ear

Say = Callable[[str], None]

LINES = (
    {"number": "1010", "quantity": "250", "unit": "dt", "unit_price": "20.40"},
    {"number": "3010", "quantity": "12.5", "unit": "t", "unit_price": "298.00", "discount": "2"},
    {"number": "2030", "quantity": "2400", "unit": "kg", "unit_price": "27.90"},
)
"""Wheat per dt, fertiliser with a discount, compound feed with a price per 100 kg."""

NET, TAX, GROSS = Decimal("9420.10"), Decimal("1097.47"), Decimal("10517.57")
"""By hand: 5100.00 and 669.60 at 7 %, 3650.50 at 19 %; the taxes are 403.87 and 693.60."""

PRINTED_GROSS = "10.517,57"
CUSTOMER = "10003"
STEPS = ["invoice.created", "invoice.submitted", "invoice.approved", "invoice.posted"]


@dataclass
class Person:
    """Somebody who signed in with a browser: a session cookie, and requests that come from the page."""

    name: str
    http: httpx.AsyncClient

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return await self.http.get(f"/api/v1{path}", params=query)

    async def post(self, path: str, body: Any = None, version: str = "") -> httpx.Response:
        """Write, on the version that was seen."""
        headers = {"If-Match": version} if version else {}
        return await self.http.post(f"/api/v1{path}", json=body, headers=headers)


@dataclass
class Invoice:
    """What the walk knows of an invoice."""

    id: str
    version: str
    state: str
    number: str | None = None
    gross: Decimal = Decimal(0)


@dataclass
class Walk:
    """The walk, step by step; every step asserts what it promises.

    Attributes:
        url: of the ERP.
        issuer: of the development identity provider.
        say: hears of every step.
    """

    url: str
    issuer: str
    say: Say = lambda _: None
    people: dict[str, Person] = field(default_factory=dict)

    async def run(self) -> Invoice:
        """Everything."""
        async with AsyncExitStack() as stack:
            for name in ("olga", "max", "anna"):
                self.people[name] = await stack.enter_async_context(self.signed_in(name))
            ear, cut = Ear(person=await self.token("adam")), Ear(person=await self.token("mia"))
            await stack.enter_async_context(ear.listening(self.url))
            async with cut.listening(self.url):
                invoice = await self.written()
                await self.submitted(invoice)
                await self._hears(cut, invoice, STEPS[:2])
            self.say(f"mia's stream is cut after the event {cut.last_event_id}")
            await self.refused_to_the_operator(invoice)
            await self.refused_to_the_submitter()
            await self.approved(invoice)
            await self.posted(invoice)
            await stack.enter_async_context(cut.listening(self.url))
            await self.seen_live(invoice, ear, cut)
            await self.printed(invoice)
            await self.exported(invoice)
            await self.proven(invoice)
        return invoice

    @asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[Person]:
        """Sign in as a browser does: to the ERP, on to the identity provider, choose a person, and back with a code."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30, headers={"Origin": self.url}) as http:
            asked = await http.get("/auth/login", params={"next": "/invoices"})
            assert asked.status_code == 303, asked.text
            assert asked.headers["location"].startswith(self.issuer)
            chosen = await http.post(asked.headers["location"], data={"sub": name})
            assert chosen.status_code in {302, 303}, chosen.text
            back = await http.get(chosen.headers["location"])
            assert back.status_code == 303, back.text
            me = (await http.get("/api/v1/me")).json()
            assert me["subject"] == name
            self.say(f"{me['name']} signed in with the code flow; roles: {', '.join(me['roles'])}")
            yield Person(name, http)

    async def token(self, name: str) -> str:
        """An ID token for a program, by the same flow: `valeo-erp token`."""
        from valeo_erp.demo.token import id_token  # noqa: PLC0415 - the command's own function

        return await asyncio.to_thread(id_token, self.issuer, name, "valeo-erp")

    async def written(self, by: str = "olga") -> Invoice:
        """A draft with three lines and the right totals."""
        person = self.people[by]
        party = await self._one(person, "/parties", CUSTOMER)
        lines = []
        for line in LINES:
            item = await self._one(person, "/items", line["number"])
            lines.append({"item_id": item["id"]} | {key: value for key, value in line.items() if key != "number"})
        answer = await person.post("/invoices", {"party_id": party["id"], "lines": lines, "note": "Lieferung ab Hof"})
        invoice = self._taken(answer, 201)
        body = answer.json()
        assert body["state"] == "draft"
        assert body["number"] is None
        assert [Decimal(body[total]) for total in ("net_total", "tax_total", "gross_total")] == [NET, TAX, GROSS]
        self.say(f"{by} wrote a draft for {body['party']['name']}: net {NET}, tax {TAX}, gross {GROSS} EUR")
        return invoice

    async def submitted(self, invoice: Invoice, by: str = "olga") -> None:
        """Submitted for approval."""
        await self._act(invoice, "submit", by, "submitted")

    async def refused_to_the_operator(self, invoice: Invoice) -> None:
        """The operator has not the right, and hears which one is missing."""
        answer = await self.people["olga"].post(f"/invoices/{invoice.id}/actions/approve", {}, invoice.version)
        assert answer.status_code == 403, answer.text
        problem = answer.json()
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert (problem["code"], problem["scope"]) == ("scope_missing", "sales:approve")
        self.say(f"olga may not approve: {answer.status_code} {problem['detail']}")

    async def refused_to_the_submitter(self) -> None:
        """A manager has the right to approve, but not what he submitted himself."""
        own = await self.written(by="max")
        await self.submitted(own, by="max")
        answer = await self.people["max"].post(f"/invoices/{own.id}/actions/approve", {}, own.version)
        assert answer.status_code in {403, 409, 422}, answer.text
        failures = answer.json()["failures"]
        assert [failure["code"] for failure in failures] == ["four_eyes"]
        self.say(f"max may not approve his own: {answer.status_code} {failures[0]['message']}")
        await self._act(own, "cancel", "max", "cancelled")

    async def approved(self, invoice: Invoice) -> None:
        """By a manager who neither wrote nor submitted it."""
        await self._act(invoice, "approve", "max", "approved")

    async def posted(self, invoice: Invoice) -> None:
        """By the accountant; it gets the next number without a gap."""
        before = await self._proof()
        await self._act(invoice, "post", "anna", "posted")
        expected = f"{before['prefix']}-{before['year']}-{before['counter'] + 1:05d}"
        assert invoice.number == expected
        assert invoice.gross == GROSS
        self.say(f"the number is {invoice.number}, the next one after {before['counter']} given before")

    async def seen_live(self, invoice: Invoice, ear: Ear, cut: Ear) -> None:
        """Each transition once and in order, for who listened all the time and for who was cut in the middle."""
        for who, listener in (("adam, connected all the time,", ear), ("mia, cut and resumed,", cut)):
            await self._hears(listener, invoice, STEPS)
            self.say(f"{who} saw {', '.join(heard_of(listener, invoice))}")
        ids = [event.id for event in ear.heard]
        assert len(ids) == len(set(ids))

    async def printed(self, invoice: Invoice) -> None:
        """Number and gross total are read back out of the PDF, which stays the same for ever."""
        first = await self.people["olga"].get(f"/invoices/{invoice.id}/pdf")
        again = await self.people["anna"].get(f"/invoices/{invoice.id}/pdf")
        assert first.status_code == 200, first.text
        assert first.headers["content-type"] == "application/pdf"
        assert first.content == again.content
        words = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(first.content)).pages)
        assert invoice.number
        assert invoice.number in words
        assert PRINTED_GROSS in words
        assert "ENTWURF" not in words
        self.say(f"the PDF ({len(first.content)} bytes) says {invoice.number} and {PRINTED_GROSS} EUR")

    async def exported(self, invoice: Invoice) -> None:
        """The list as CSV in both dialects and as a workbook, read back."""
        anna = self.people["anna"]
        refused = await self.people["olga"].get("/exports/invoices.csv")
        assert refused.status_code == 403
        machine = await self._rows(anna, ",", dialect="machine")
        german = await self._rows(anna, ";", dialect="german")
        workbook = await anna.get("/exports/invoices.xlsx", state="posted")
        assert workbook.status_code == 200, workbook.text
        sheet = load_workbook(io.BytesIO(workbook.content)).worksheets[0]
        cells = [value for row in sheet.iter_rows(values_only=True) for value in row]
        assert [row["gross_total"] for row in machine if row["number"] == invoice.number] == [str(GROSS)]
        assert [row["Brutto"] for row in german if row["Nummer"] == invoice.number] == ["10517,57"]
        assert invoice.number in cells
        assert float(GROSS) in [value for value in cells if isinstance(value, int | float)]
        self.say(f"CSV ({len(machine)} rows) and XLSX ({sheet.title}) hold {invoice.number} with {GROSS}")

    async def proven(self, invoice: Invoice) -> None:
        """The series is whole, the books balance, and the invoice's history names everybody."""
        proof = await self._proof()
        assert proof["complete"], proof
        assert proof["last"] == invoice.number
        chain = (await self.people["anna"].get("/journal/verify")).json()
        history = (await self.people["anna"].get(f"/invoices/{invoice.id}/audit")).json()["items"]
        actors = {entry["actor"] for entry in history}
        assert actors >= {"olga", "max", "anna"}
        self.say(
            f"the series is whole: {proof['first']} to {proof['last']}, {proof['count']} numbers; journal: {chain}"
        )

    async def _act(self, invoice: Invoice, action: str, by: str, state: str) -> None:
        answer = await self.people[by].post(f"/invoices/{invoice.id}/actions/{action}", {}, invoice.version)
        done = self._taken(answer, 200)
        assert done.state == state
        invoice.__dict__.update(done.__dict__)
        self.say(f"{by}: {action} → {state}")

    async def _proof(self) -> dict[str, Any]:
        answer = await self.people["anna"].get("/number-series/invoice/proof")
        assert answer.status_code == 200, answer.text
        proof: dict[str, Any] = answer.json()
        return proof

    async def _hears(self, listener: Ear, invoice: Invoice, steps: list[str]) -> None:
        ends = time.monotonic() + 15
        # The ear appends to a list; nothing tells when.
        while heard_of(listener, invoice) != steps and time.monotonic() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert heard_of(listener, invoice) == steps

    @staticmethod
    async def _one(person: Person, path: str, number: str) -> dict[str, Any]:
        answer = await person.get(path, text=number)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = [row for row in answer.json()["items"] if row["number"] == number]
        assert len(found) == 1, f"{path} has {len(found)} of number {number}; is the demo seeded?"
        return found[0]

    @staticmethod
    async def _rows(person: Person, delimiter: str, dialect: str) -> list[dict[str, str]]:
        answer = await person.get("/exports/invoices.csv", state="posted", dialect=dialect)
        assert answer.status_code == 200, answer.text
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=delimiter))
        assert len(rows) == int(answer.headers["export-rows"])
        return rows

    @staticmethod
    def _taken(answer: httpx.Response, status: int) -> Invoice:
        assert answer.status_code == status, answer.text
        body = answer.json()
        return Invoice(body["id"], answer.headers["etag"], body["state"], body["number"], Decimal(body["gross_total"]))


def heard_of(listener: Ear, invoice: Invoice) -> list[str]:
    """What a listener heard of one invoice, in its order."""
    return [event.data["kind"] for event in listener.heard if event.data.get("object_id") == invoice.id]


def main() -> int:
    """The walk for a person."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--issuer", default="http://127.0.0.1:8081")
    options = parser.parse_args()
    invoice = asyncio.run(Walk(options.url, options.issuer, lambda line: print(f"  {line}", flush=True)).run())
    print(f"done: {invoice.number} is posted, printed and exported")
    return 0 if re.fullmatch(r"INV-\d{4}-\d{5}", invoice.number or "") else 1


if __name__ == "__main__":
    sys.exit(main())
