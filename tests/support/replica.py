"""`python -m tests.support.replica PORT`: a replica of the ERP in a process of its own, for the people of the tests."""

import sys

import uvicorn
from tests.support.people import KnownPeople

from valeo_erp.app import create_app
from valeo_erp.kernel.logs import configure_logs
from valeo_erp.kernel.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    configure_logs(settings.log_level)
    uvicorn.run(
        create_app(settings, KnownPeople()),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=20,
    )
