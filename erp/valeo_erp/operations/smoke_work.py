"""Smoke tests that do the work: one invoice is written, submitted, approved, printed, exported, heard of, cancelled."""

import asyncio
import csv
import io
from decimal import Decimal

import httpx

from valeo_erp.identity.smoke import Person
from valeo_erp.operations.smoke_course import Course, FailedError, expect
from valeo_erp.seeds.smoke import ITEM, PARTY

NET, GROSS = Decimal("123.40"), Decimal("146.85")
"""12.34 kg at 10.00, and 19 % of it: 23.446, rounded half up."""

_QUANTITY = "12.34"
_HEARD_WITHIN_SECONDS = 10.0
STEPS = ("invoice.created", "invoice.submitted", "invoice.approved", "invoice.cancelled")


async def login(course: Course) -> str:
    """Every person is known, each with the one role, in the tenant of the tests; but for him who asks too often."""
    told = {}
    for person in Person:
        if person is Person.HURRIED:
            continue
        me = expect(await course.get("/me", person), httpx.codes.OK).json()
        if me["subject"] != person:
            raise FailedError(f"{person} is taken for {me['subject']}")
        told[person] = me["roles"]
    return ", ".join(f"{person} is {' and '.join(roles)}" for person, roles in told.items())


async def listen(course: Course) -> str:
    """A live stream opens."""
    await course.listen()
    return "the stream is open"


async def create(course: Course) -> str:
    """A draft with the right totals."""
    body = {"party_id": str(PARTY["id"]), "lines": [{"item_id": str(ITEM["id"]), "quantity": _QUANTITY}]}
    headers = course.header(Person.WRITER)
    course.invoice = expect(
        await course.http.post("/api/v1/invoices", json=body, headers=headers), httpx.codes.CREATED
    ).json()
    seen = tuple(Decimal(course.invoice[total]) for total in ("net_total", "gross_total"))
    if seen != (NET, GROSS):
        raise FailedError(f"net and gross are {seen[0]} and {seen[1]} instead of {NET} and {GROSS}")
    return f"a draft: net {NET}, gross {GROSS}"


async def submit(course: Course) -> str:
    """By who wrote it."""
    return await course.move("submit", Person.WRITER, "submitted")


async def refuse(course: Course) -> str:
    """Who lacks the right is refused, and hears which one is missing."""
    told = expect(await course.act("approve", Person.WRITER), httpx.codes.FORBIDDEN).json()
    if told.get("scope") != "sales:approve":
        raise FailedError(f"it refuses with {told.get('code')} and not for the scope sales:approve")
    return "403 for who may not approve"


async def approve(course: Course) -> str:
    """By somebody else."""
    return await course.move("approve", Person.APPROVER, "approved")


async def print_pdf(course: Course) -> str:
    """A whole PDF."""
    answer = expect(await course.get(f"/invoices/{course.invoice['id']}/pdf", Person.APPROVER), httpx.codes.OK)
    if not (answer.content.startswith(b"%PDF-") and answer.content.rstrip().endswith(b"%%EOF")):
        raise FailedError(f"{len(answer.content)} bytes that are no PDF")
    return f"a PDF of {len(answer.content)} bytes"


async def export(course: Course) -> str:
    """The invoice stands in the CSV of the list, with its total."""
    query = {"dialect": "machine", "from": course.invoice["document_date"]}
    answer = expect(await course.get("/exports/invoices.csv", Person.APPROVER, **query), httpx.codes.OK)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    mine = [row for row in rows if row["id"] == course.invoice["id"]]
    if [row["gross_total"] for row in mine] != [str(GROSS)]:
        raise FailedError(f"the invoice with {GROSS} is not among the {len(rows)} rows")
    return f"{len(rows)} rows, the invoice among them"


async def cancel(course: Course) -> str:
    """It gets no number, and stands in nobody's way."""
    seen = await course.move("cancel", Person.WRITER, "cancelled")
    if course.invoice["number"] is not None:
        raise FailedError(f"it has the number {course.invoice['number']} without having been posted")
    return seen


async def events(course: Course) -> str:
    """Every step was heard of live, once and in order; the stream may lead to another pod than the one that wrote."""
    try:
        async with asyncio.timeout(_HEARD_WITHIN_SECONDS):
            while len(_heard(course)) < len(STEPS):  # noqa: ASYNC110 - the stream appends to a list
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise FailedError(f"heard {_words(course)} within {_HEARD_WITHIN_SECONDS:g} s") from None
    if tuple(_heard(course)) != STEPS:
        raise FailedError(f"heard {_words(course)} instead of {', '.join(STEPS)}")
    return f"heard {_words(course)}"


def _heard(course: Course) -> list[str]:
    return [kind for object_id, kind in course.heard if object_id == course.invoice.get("id")]


def _words(course: Course) -> str:
    return ", ".join(_heard(course)) or "nothing"
