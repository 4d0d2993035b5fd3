"""How a release tells what it is: the operator believes this, not what it asked for."""

from valeo_erp import __version__
from valeo_erp.migrations.migrate import OLDEST_REVISION, head_revision

SMOKE_TESTS = ("healthz", "readyz", "metrics", "openapi")
"""What `valeo-erp smoke` checks, in this order."""


def describe() -> dict[str, object]:
    """The version, the schema revisions this release migrates to and can run on, and its smoke tests."""
    return {
        "version": __version__,
        "head_revision": head_revision(),
        "oldest_revision": OLDEST_REVISION,
        "smoke_tests": list(SMOKE_TESTS),
    }
