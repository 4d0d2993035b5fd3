"""`valeo-erp serve`: one uvicorn worker that ends in good order."""

import gc
import logging

import uvicorn

from valeo_erp.app import create_app
from valeo_erp.kernel.settings import Settings

logger = logging.getLogger(__name__)

GRACEFUL_SHUTDOWN_SECONDS = 30
KEEP_ALIVE_SECONDS = 75  # longer than the idle time of the usual proxies, so that they never reuse a closed connection


def serve(settings: Settings, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are finished, streams end themselves."""
    if settings.development_provider:
        logger.warning(
            "DEVELOPMENT IDENTITY PROVIDER IN USE: anybody can sign in as anybody, without a password. "
            "Never use this installation for real business.",
            extra={"issuer": settings.oidc_issuer},
        )
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # what is loaded by now stays for ever: no later collection need look at it again
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # addresses are made from the configured public URL, never from headers
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )
    return 0
