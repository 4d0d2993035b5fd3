"""Verifying: the smoke tests that the image describes, run by a Job through the preview Service. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from valeo_operator.api.conditions import Reason
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.colours.desired import image_of
from valeo_operator.errands import desired as errands
from valeo_operator.errands.plan import progress
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.migrating import unfinished
from valeo_operator.releases.verdict import Verdict, is_active, stays

_MOST_TOLD: Final = 5


def verifying(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """Every smoke test must pass, and there must be at least one. A release that is active already was verified."""
    if is_active(current, facts) or not facts.erp.spec.rollout.smoke_tests:
        return Verdict(Outcome.DONE)
    if not current.spec.smoke_tests:
        return Verdict(Outcome.FAILS, _no_tests(current))
    if facts.previewed_colour is not current.spec.colour:
        return stays(_preview(facts, current))
    sent = progress(_order(current, facts), facts, now)
    told = sent.failed_with if sent.result is None else sent.result.told
    if told is None or "total" not in told:
        return unfinished(sent)
    course = facts.erp.status.course.model_copy(update={"smoke": _in_words(told)})
    failure = _failure(current, told)
    if failure is not None:
        return Verdict(Outcome.FAILS, failure, course=course)
    return Verdict(Outcome.DONE, course=course)


def _order(current: ValeoRelease, facts: Facts) -> errands.Order:
    return errands.smoke(facts.erp.spec, facts.names, image_of(current), current.metadata.name, _salt(facts))


def _salt(facts: Facts) -> str:
    """The rollout that the tests belong to: one that is begun anew is tested anew."""
    began = facts.erp.status.course.began
    return began.isoformat() if began else ""


def _failure(current: ValeoRelease, told: Mapping[str, Any]) -> Finding | None:
    failed = told.get("failed") or []
    total = told.get("total")
    if not failed and isinstance(total, int) and 0 < total == len(told.get("passed") or ()):
        return None
    observed = _in_words(told)
    return Finding(
        Reason.SMOKE_TESTS_FAILED,
        f"ValeoRelease/{current.metadata.name}",
        observed,
        "every smoke test that the image describes passes",
        "correct what failed and bring another release, or the same one again with the annotation valeoerp.io/retry",
        blocking=True,
    )


def _in_words(told: Mapping[str, Any]) -> str:
    failed = [each for each in told.get("failed") or () if isinstance(each, Mapping)]
    passed, total = len(told.get("passed") or ()), told.get("total")
    words = f"{passed} of {total} smoke tests pass"
    if not failed:
        return words
    first = "; ".join(f"{each.get('name')}: {each.get('reason')}" for each in failed[:_MOST_TOLD])
    return f"{words}. {len(failed)} failed: {first}"[:2000]


def _no_tests(current: ValeoRelease) -> Finding:
    return Finding(
        Reason.SMOKE_TESTS_FAILED,
        f"ValeoRelease/{current.metadata.name}",
        "its image describes no smoke tests",
        "at least one, as `valeo-erp describe` tells them",
        "name an image of the ERP in spec.image, or set spec.rollout.smokeTests to false",
        blocking=True,
    )


def _preview(facts: Facts, current: ValeoRelease) -> Finding:
    return Finding(
        Reason.SMOKE_TESTING,
        f"Service/{facts.names.preview_service}",
        "it does not lead to the staged colour yet",
        current.spec.colour.value,
        "none; it is being set",
    )
