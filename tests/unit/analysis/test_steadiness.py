"""Pods that restart, or lose their readiness, are a breach; once is chance, and the release before is the measure."""

from datetime import UTC, datetime, timedelta

from valeo_operator.analysis.judging import Limits, Result, judge
from valeo_operator.analysis.steadiness import Look, Looks, Steadiness, steadiness, unsteady
from valeo_operator.analysis.window import Window

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
CALM = Steadiness()


def looks(*pods: list[tuple[int, bool]]) -> Looks:
    return {
        f"p{number}": [
            Look(NOW + timedelta(seconds=5 * at), restarts, ready) for at, (restarts, ready) in enumerate(pod)
        ]
        for number, pod in enumerate(pods)
    }


def test_restarts_and_flaps_are_counted_over_all_pods_and_only_while_it_was_looked() -> None:
    seen = looks([(7, True), (8, False), (8, True), (9, False)], [(0, True), (0, True)])

    assert steadiness(seen) == Steadiness(restarts=2, flaps=2)


def test_nothing_seen_is_nothing_that_happened() -> None:
    assert steadiness({}) == steadiness(looks([], [(5, False)])) == CALM


def test_a_pod_that_becomes_ready_did_not_lose_its_readiness() -> None:
    assert steadiness(looks([(0, False), (0, True)])).flaps == 0


def test_one_restart_is_chance_and_two_are_a_breach() -> None:
    assert unsteady(Steadiness(restarts=1), CALM) is None
    assert "restarted 2 times" in str(unsteady(Steadiness(restarts=2), CALM))


def test_three_lost_readinesses_are_a_breach() -> None:
    assert unsteady(Steadiness(flaps=2), CALM) is None
    assert "lost their readiness 3 times" in str(unsteady(Steadiness(flaps=3), CALM))


def test_a_release_before_that_is_no_steadier_is_the_measure() -> None:
    assert unsteady(Steadiness(restarts=3, flaps=4), Steadiness(restarts=2, flaps=2)) is None


def test_unsteady_pods_fail_also_where_their_numbers_tell_nothing() -> None:
    verdict = judge(Window(), Limits(0.01, 0.5), None, NOW, "containers were restarted 2 times")

    assert (verdict.result, verdict.sentence) == (Result.FAIL, "containers were restarted 2 times")
