"""How a release tells what it is: the operator believes this, not what it asked for."""

from dataclasses import asdict

from valeo_erp import __version__
from valeo_erp.migrations.migrate import OLDEST_REVISION, head_revision
from valeo_erp.migrations.steps import ADDITIVE, steps
from valeo_erp.operations.smoke import SMOKE_TESTS


def describe() -> dict[str, object]:
    """The version, the schema revisions this release migrates to and can run on, and its smoke tests.

    `revisions` are all that it knows, the oldest first; `breaking` those that do more than add.
    """
    known = steps()
    return {
        "version": __version__,
        "head_revision": head_revision(),
        "oldest_revision": OLDEST_REVISION,
        "revisions": [each.revision for each in known],
        "breaking": [asdict(each) for each in known if each.kind != ADDITIVE],
        "smoke_tests": list(SMOKE_TESTS),
    }
