"""The seeded year: the same documents every time, whole series, a book that verifies, and nothing written twice."""

from datetime import UTC, datetime

import asyncpg
import httpx
from tests.support.databases import administrator, cloned_database, settings_for
from tests.support.people import HOFMANN, KnownPeople
from tests.support.trade import Desk

from valeo_erp.app import create_app
from valeo_erp.demo.postgres import LocalServer
from valeo_erp.documents.document import Kind
from valeo_erp.seeds.year import seed_year

NOW = datetime.now(UTC)
_TOLD = "select kind, number, document_date, gross_total from valeo.document where tenant_id = $1 order by number"


async def told(server: LocalServer, name: str) -> list[asyncpg.Record]:
    connection = await administrator(server, name)
    try:
        return list(await connection.fetch(_TOLD, HOFMANN))
    finally:
        await connection.close()


async def test_the_year_is_the_same_every_time_and_passes_every_proof(server: LocalServer, template: str) -> None:
    async with (
        cloned_database(server, template, "valeo_year_a") as first,
        cloned_database(server, template, "valeo_year_b") as second,
    ):
        written = [await seed_year(settings_for(server, name)) for name in (first, second)]
        documents = [await told(server, name) for name in (first, second)]
        assert await seed_year(settings_for(server, first)) == 0
        assert written[0] == len(documents[0]) > 100
        assert [tuple(row) for row in documents[0]] == [tuple(row) for row in documents[1]]
        assert {row["kind"] for row in documents[0]} == set(Kind)
        app = create_app(settings_for(server, first), KnownPeople())
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://erp.test") as client,
        ):
            desk = Desk(client)
            for kind in (*Kind, "payment"):
                proof = await desk.reads(f"number-series/{kind}/proof", year=NOW.year - 1)
                assert (proof["complete"], proof["count"] > 0) == (True, True), proof
            assert (await desk.reads("journal/verify"))["verified"] is True
            assert len((await desk.reads("open-items"))["items"]) > 3
