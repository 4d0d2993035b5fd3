"""Whether an installation may go live: all gates together."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valeo_operator.api.golive import Result, Severity
from valeo_operator.golive.catalogue import shipped
from valeo_operator.golive.lifecycle import Standing
from valeo_operator.golive.signatures import Waiver
from valeo_operator.golive.verdict import MOST_TOLD, verdict

ENTRIES = shipped().entries
NO_PASS = [result for result in Result if result not in {Result.PASS, Result.WAIVED, Result.NOT_APPLICABLE}]
MUST = [entry.id for entry in ENTRIES if entry.severity is not Severity.ADVISORY]
ALL_PASS = {entry.id: Standing(Result.PASS, "Holds", "It holds.") for entry in ENTRIES}


def test_all_gates_passed_is_ready() -> None:
    assert verdict(shipped(), ALL_PASS).ready


@pytest.mark.parametrize("result", NO_PASS)
def test_one_required_gate_that_does_not_pass_is_enough_to_wait(result: Result) -> None:
    found = verdict(shipped(), {**ALL_PASS, MUST[0]: Standing(result, "Why", "Because.", "Do it.")})

    assert (found.ready, found.open_gates) == (False, (MUST[0],))
    assert found.sentences[0].endswith(f"is {result.value}: Because. Next step: Do it.")


def test_an_open_advisory_gate_is_told_and_stops_nobody() -> None:
    advisory = next(entry.id for entry in ENTRIES if entry.severity is Severity.ADVISORY)
    found = verdict(shipped(), {**ALL_PASS, advisory: Standing(Result.FAIL, "Why", "Because.")})

    assert (found.ready, found.totals[Result.FAIL]) == (True, 1)


def test_a_gate_that_was_not_looked_at_is_unknown_and_in_the_way() -> None:
    found = verdict(shipped(), {key: value for key, value in ALL_PASS.items() if key != MUST[0]})

    assert (found.ready, found.totals[Result.UNKNOWN]) == (False, 1)


def test_a_checklist_in_which_nothing_passes_is_not_ready() -> None:
    waived = {entry.id: Standing(Result.WAIVED, "Waived", "") for entry in ENTRIES}

    assert not verdict(shipped(), waived).ready


def test_blockers_are_told_first_and_ten_at_most() -> None:
    found = verdict(shipped(), {})
    blockers = [entry.id for entry in ENTRIES if entry.severity is Severity.BLOCKER]

    assert list(found.open_gates[: len(blockers)]) == blockers
    assert len(found.sentences) == MOST_TOLD


def test_an_emergency_may_go_on_and_is_still_not_ready(now: datetime, waive: Callable[..., Waiver]) -> None:
    emergency = waive(None, break_glass=True, expires_at=now + timedelta(hours=1))
    found = verdict(shipped(), {}, emergency)

    assert (found.ready, found.may_promote) == (False, True)


@given(st.lists(st.sampled_from(list(Result)), min_size=len(ENTRIES), max_size=len(ENTRIES)))
def test_totals_show_every_gate_once_and_ready_never_hides_an_unknown(results: list[Result]) -> None:
    stands = {entry.id: Standing(result, "", "") for entry, result in zip(ENTRIES, results, strict=True)}
    found = verdict(shipped(), stands)

    assert sum(found.totals.values()) == len(ENTRIES)
    assert set(found.totals) == set(Result)
    assert found.ready == (Result.PASS in results and not any(stands[gate].result in NO_PASS for gate in MUST))
