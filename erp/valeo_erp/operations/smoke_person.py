"""Smoke tests of the rights of a person: one who does not exist is written down, exported whole, and erased."""

import hashlib
from secrets import token_hex

import httpx

from valeo_erp.identity.smoke import Person
from valeo_erp.kernel.canonical import canonical_json
from valeo_erp.operations.smoke_course import Course, FailedError, expect

_NAME = "Erika Probe"
_STREET = "Prüfweg 2"
_PERSON = {"name": _NAME, "street": _STREET, "postal_code": "00000", "city": "Probe"}


async def party(course: Course) -> str:
    """A person of whom nothing stands against erasing her."""
    body = {
        "number": f"SMOKE-{token_hex(8)}",
        "name": _NAME,
        "street": _STREET,
        "postal_code": "00000",
        "city": "Probe",
    }
    course.party = expect(await course.post("/parties", Person.APPROVER, body), httpx.codes.CREATED).json()
    return f"party {course.party['number']}"


async def bundle(course: Course) -> str:
    """Everything that is stored of her, and the trace of having been written."""
    told = expect(await _ask(course, "bundle"), httpx.codes.OK).json()
    if (told["party"]["name"], told["party"]["street"]) != (_NAME, _STREET):
        raise FailedError("the bundle does not hold what was written of the person")
    if not told["history"]:
        raise FailedError("the bundle does not tell who wrote the person down")
    return f"{', '.join(sorted(told))} of the person"


async def erase(course: Course) -> str:
    """She is not to be found any more, and the certificate says so in words that its digest fits."""
    path = f"/gdpr/parties/{course.party['id']}/erasure"
    made = expect(await course.post(path, Person.ADMINISTRATOR, {"reason": "smoke test"}), httpx.codes.OK).json()
    kept = expect(await _ask(course, "certificate"), httpx.codes.OK).json()
    digest = hashlib.sha256(canonical_json(kept["certificate"])).hexdigest()
    if kept != made or digest != kept["sha256"]:
        raise FailedError("the certificate is another one than was given, or its digest does not fit")
    left = expect(await _ask(course, "bundle"), httpx.codes.OK).text
    if _NAME in left or _STREET in left:
        raise FailedError("after the erasure the name or the street of the person is still told")
    return f"erased, certificate {digest[:12]}"


async def _ask(course: Course, what: str) -> httpx.Response:
    return await course.get(f"/gdpr/parties/{course.party['id']}/{what}", Person.ADMINISTRATOR)
