"""Checks of the inside of the database, as the Job `look` of the active release told it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from valeo_operator.api.golive import Check
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.inside import inside
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

_WAIT: Final = "It is looked at every 50 minutes while no rollout is under way: kubectl get jobs."
Told = Mapping[str, Any]


def integrity(told: Told) -> Outcome:
    """Journal, audit trail and numbers verify, and every reference was checked."""
    seen, counts = told["integrity"], told["counts"]
    if seen["broken"] or seen["unproven_constraints"]:
        wrong = "; ".join([*seen["broken"], *(f"{each} is not validated" for each in seen["unproven_constraints"])])
        return failed(f"Not consistent: {wrong}."[:900], "See docs/runbooks/DISASTER-RECOVERY.md.", **seen, **counts)
    if not counts["journal_entries"] and not counts["numbers"]:
        return unknown("Nothing is booked and no number was given: there is nothing to verify.", "Book something.")
    message = f"{counts['journal_entries']} journal entries, {counts['audit_entries']} audit entries and "
    return passed(f"{message}{counts['numbers']} numbers verify.", **seen, **counts)


def indexes(told: Told) -> Outcome:
    """None is missing or invalid, and large tables are read by them."""
    seen = told["indexes"]
    if seen["missing"] or seen["invalid"]:
        wrong = [
            *(f"{each} is missing" for each in seen["missing"]),
            *(f"{each} is invalid" for each in seen["invalid"]),
        ]
        return failed(
            f"{'; '.join(wrong)}.", "Reindex the invalid ones; a missing one comes with valeo-erp migrate.", **seen
        )
    if seen["read_whole"]:
        message = f"Large tables are read whole more often than by an index: {', '.join(seen['read_whole'])}."
        return failed(message, "Look which queries do it: pg_stat_statements.", **seen)
    if not seen["large_tables"]:
        message = f"All {seen['all']} indexes are there and valid; no table is large enough to show that they are used."
        return unknown(message, "Look again when a table has 10,000 rows.")
    return passed(f"All {seen['all']} indexes are there, and {seen['large_tables']} large tables use them.", **seen)


def series(told: Told) -> Outcome:
    """Every tenant but that of the smoke tests has one for everything that gets a number."""
    seen, tenants = told["series"], told["counts"]["tenants"]
    if not tenants:
        return unknown("There is no tenant yet.", "Bring the data of the trader.")
    if seen["missing"]:
        message = f"Number series are missing: {', '.join(seen['missing'])}."
        return failed(message, "See docs/admin/NUMBERING.md.", tenants=tenants, **seen)
    return passed(f"{tenants} tenants have all {seen['kinds']} number series.", tenants=tenants, **seen)


def no_test_data(told: Told) -> Outcome:
    """None of the traders of the demo. The tenant of the smoke tests stays: no customer sees it."""
    demo, tenants = told["test_data"]["tenants"], told["counts"]["tenants"]
    if demo:
        message = f"The traders of the demo are in the database: {', '.join(demo)}."
        return failed(message, "Begin with an empty database: valeo-erp seed is not for production.", tenants=demo)
    if not tenants:
        return unknown("There is no tenant yet: nothing says what data this will be.", "Bring the data of the trader.")
    return passed(f"None of {tenants} tenants is one of the demo.", tenants=tenants)


def slow_queries(told: Told) -> Outcome:
    """As pg_stat_statements counted them."""
    seen = told["statements"]
    if not seen["kept"]:
        why = seen.get("why") or "the extension pg_stat_statements is not in it"
        step = "Load pg_stat_statements in the server, and create the extension in this database."
        return unknown(f"The database keeps no account of statements: {why}.", step)
    if not seen["calls"]:
        return unknown("No statement of the ERP was counted yet.", "Use the ERP for a while.")
    slowest = f"{seen['slowest_ms']:.0f} ms"
    if seen["slow"]:
        message = f"{seen['slow']} of {seen['statements']} statements took longer than a second, up to {slowest}."
        return failed(message, "Read pg_stat_statements, put it right, and call pg_stat_statements_reset().", **seen)
    message = f"None of {seen['statements']} statements took longer than {slowest}."
    return passed(message, **seen)


def users(told: Told) -> Outcome:
    """Somebody of each role came in through the identity provider, and may still."""
    people = told["people"]
    absent = sorted(role for role, count in people.items() if not count)
    if len(absent) == len(people):
        return unknown("Nobody has signed in yet.", "Sign in once as a person of each role.")
    if absent:
        message = f"Nobody who may come in has the role {', '.join(absent)}."
        return failed(message, "Create one at the identity provider, and sign in once.", **people)
    return passed("A person of each role has signed in.", **people)


def _of(judge: Callable[[Told], Outcome]) -> Callable[[Facts], Outcome]:
    def check(facts: Facts) -> Outcome:
        looked = inside(facts)
        if looked.told is None:
            return unknown(f"The inside of the database was not seen: {looked.problem}.", _WAIT)
        try:
            outcome = judge(looked.told)
        except (AttributeError, KeyError, TypeError, ValueError) as lacking:
            return unknown(f"The look into the database did not tell what is needed: {lacking!r}.", _WAIT)
        return replace(outcome, seen_at=looked.seen_at)

    return check


CHECKS: Final[Mapping[Check, Callable[[Facts], Outcome]]] = {
    Check.DATA_INTEGRITY: _of(integrity),
    Check.INDEXES_USED: _of(indexes),
    Check.NUMBER_SERIES: _of(series),
    Check.NO_TEST_DATA: _of(no_test_data),
    Check.SLOW_QUERIES: _of(slow_queries),
    Check.TEST_USERS: _of(users),
}
