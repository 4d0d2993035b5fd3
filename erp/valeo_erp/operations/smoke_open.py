"""Smoke tests that need nobody: what a stranger sees of a running service."""

import httpx

from valeo_erp.operations.smoke_course import Course, FailedError, expect


async def healthz(course: Course) -> str:
    """The process is alive."""
    expect(await course.http.get("/healthz"), httpx.codes.OK)
    return "alive"


async def readyz(course: Course) -> str:
    """It is ready, and it is the release that shall be tested."""
    told = expect(await course.http.get("/readyz"), httpx.codes.OK).json()
    if told["ready"] is not True:
        raise FailedError(f"it says that it is not ready: {told}")
    if course.release is not None and told["release"] != course.release:
        raise FailedError(f"release {told['release']} answers instead of {course.release}")
    return f"ready: release {told['release']}, version {told['version']}, schema {told['schema_revision']}"


async def metrics(course: Course) -> str:
    """Something can be scraped."""
    told = expect(await course.http.get("/metrics"), httpx.codes.OK).text
    count = sum(1 for line in told.splitlines() if line and not line.startswith("#"))
    if not count:
        raise FailedError("there is no sample in it")
    return f"{count} samples"


async def openapi(course: Course) -> str:
    """The web API is described."""
    paths = expect(await course.http.get("/openapi.json"), httpx.codes.OK).json()["paths"]
    if not paths:
        raise FailedError("it describes no path")
    return f"{len(paths)} paths described"


async def docs(course: Course) -> str:
    """The description can be read by a person."""
    answer = expect(await course.http.get("/docs"), httpx.codes.OK)
    if "html" not in answer.headers.get("content-type", ""):
        raise FailedError(f"it is {answer.headers.get('content-type', 'of no type')} instead of a page")
    return "a page"


async def stranger(course: Course) -> str:
    """Without credentials the API answers 401, as problem+json."""
    told = expect(await course.http.get("/api/v1/me"), httpx.codes.UNAUTHORIZED).json()
    if told["code"] != "credentials_missing":
        raise FailedError(f"it refuses with {told['code']} instead of credentials_missing")
    return "refused"
