"""A fault of the program is answered like everything else: with the headers that guard, and for people as a page."""

import httpx
from fastapi import FastAPI


async def broken() -> None:
    raise KeyError("a fault")


async def test_a_fault_has_a_page_the_headers_that_guard_and_the_correlation_id(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    app.add_api_route("/broken", broken)
    page = await client.get("/broken", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert page.headers["x-correlation-id"] in page.text
    assert "content-security-policy" in page.headers
    problem = await client.get("/broken")
    assert (problem.status_code, problem.json()["code"]) == (500, "internal_error")
    assert problem.headers["x-content-type-options"] == "nosniff"
    assert problem.json()["correlation_id"] == problem.headers["x-correlation-id"]
