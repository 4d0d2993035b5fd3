"""`/healthz` and `/metrics`.

Health fails when a leading process has looked at nothing for too long: a watch may be deaf.
"""

from collections.abc import Callable
from typing import Final

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from valeo_operator.telemetry.metrics import Metrics

# Every minute all installations are looked at; three missed looks are no accident.
LONGEST_SILENCE: Final = 180.0


def build(metrics: Metrics, seconds_of_silence: Callable[[], float]) -> web.Application:
    """The web application of the operator."""

    async def healthz(_: web.Request) -> web.Response:
        silence = seconds_of_silence()
        well = silence <= LONGEST_SILENCE
        return web.json_response(
            {"healthy": well, "seconds_since_last_look": round(silence, 1)}, status=200 if well else 503
        )

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/metrics", numbers)])
    return app
