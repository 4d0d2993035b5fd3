"""Checks of what the smoke tests of the release came to, before users reached it.

They sign in, walk an invoice, try the roles and the limits, and export and erase a person who does not exist.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from valeo_operator.api.golive import Check
from valeo_operator.api.rollout import Phase
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import RELEASES
from valeo_operator.cluster.objects import name_of
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

# The tests of `valeo-erp smoke` on which a line of the checklist rests.
TESTS: Final[Mapping[Check, tuple[str, ...]]] = {
    Check.SIGN_IN: ("login",),
    Check.DOCUMENT_CREATED: ("create",),
    Check.DOCUMENT_SUBMITTED: ("submit",),
    Check.DOCUMENT_APPROVED: ("refuse", "approve"),
    Check.WORKFLOW: ("create", "submit", "refuse", "approve", "cancel"),
    Check.PDF_PRINTED: ("print",),
    Check.CSV_EXPORTED: ("export",),
    Check.LIVE_UPDATES: ("listen", "events"),
    Check.ROLE_MATRIX: ("stranger", "roles"),
    Check.EXPORT_EXERCISED: ("party", "bundle"),
    Check.ERASE_EXERCISED: ("party", "erase"),
}
# Those that hold only with the limits of production.
LIMITS: Final[Mapping[Check, tuple[str, ...]]] = {
    Check.RATE_LIMIT_GLOBAL: ("limit-requests",),
    Check.RATE_LIMIT_EXPORTS: ("limit-exports",),
}
_ALL_PASS: Final = re.compile(r"^(\d+) of (\d+) smoke tests pass$")
_FAILED: Final = re.compile(r"(?:failed: |; )([a-z_-]+): ")


def smoke(tests: tuple[str, ...], facts: Facts) -> Outcome:
    """The tests of these names passed for the release that is judged, when it was verified."""
    release, told = _release(facts), facts.erp.status.course.smoke
    if release is None:
        return unknown("There is no release yet.", "Wait for the rollout.")
    if lacking := [each for each in tests if each not in release.spec.smoke_tests]:
        message = f"The smoke tests of {release.metadata.name} have no {', '.join(lacking)}."
        return unknown(message, "Bring a release whose image describes them.")
    at = _verified_at(release)
    if told is None or at is None:
        message = f"No smoke test ran for {release.metadata.name}."
        return unknown(message, "They run while a release is rolled out, if spec.rollout.smokeTests is true.")
    if broken := [each for each in _FAILED.findall(told) if each in tests]:
        return failed(f"The smoke test {broken[0]} failed: {told}"[:900], "Bring a release that passes.", told=told)
    every = _ALL_PASS.match(told)
    count = len(release.spec.smoke_tests)
    if every is None or {int(each) for each in every.groups()} != {count}:
        return unknown(f"The smoke tests did not all pass: {told}"[:900], "Bring a release that passes.")
    message = f"{', '.join(tests)} passed for {release.metadata.name}, with all of its {count} smoke tests."
    return replace(passed(message, tests=list(tests), told=told, release=release.metadata.name), seen_at=at)


def _release(facts: Facts) -> ValeoRelease | None:
    """The release of the rollout that status.course speaks of."""
    wanted = facts.erp.status.target_release
    found = next((each for each in facts.owned(RELEASES) if name_of(each) == wanted), None)
    return None if found is None else ValeoRelease.model_validate(found)


def _verified_at(release: ValeoRelease) -> datetime | None:
    steps = [each.at for each in release.status.history if each.phase is Phase.VERIFYING]
    return max(steps, default=None)


def limit(tests: tuple[str, ...], facts: Facts) -> Outcome:
    """The limit really holds somebody back, and it is the one of production."""
    if facts.erp.spec.auth.development_provider:
        message = "Beside the development provider the limits are twelve times as wide."
        return failed(message, "Use the identity provider of the company: spec.auth.", developmentProvider=True)
    return smoke(tests, facts)


CHECKS: Final[Mapping[Check, Callable[[Facts], Outcome]]] = {
    **{check: partial(smoke, tests) for check, tests in TESTS.items()},
    **{check: partial(limit, tests) for check, tests in LIMITS.items()},
}
