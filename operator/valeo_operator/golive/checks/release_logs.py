"""Checks of the logs of the active release. Only counts are kept."""

from typing import Final

from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

FEWEST_LINES: Final = 20
FEWEST_REQUESTS: Final = 10
_ASK: Final = "Use the ERP for a while, and look again."


def clean(facts: Facts) -> Outcome:
    """No ERROR and no CRITICAL."""
    logs = facts.logs
    if logs is None or not logs.lines:
        return unknown("No line of the logs of the active release could be read.", _ASK)
    if logs.errors:
        return failed(
            f"{logs.errors} of {logs.lines} lines are ERROR or CRITICAL.",
            f"Read them: kubectl logs -l app.kubernetes.io/instance={facts.names.name},app.kubernetes.io/component=erp",
            errors=logs.errors,
            lines=logs.lines,
        )
    if logs.restarts:
        message = f"Containers began anew {logs.restarts} times; what they logged before could not be read."
        return unknown(message, "Find out why they ended; roll the release out anew.")
    return passed(
        f"None of {logs.lines} lines of {logs.pods} pods is ERROR or CRITICAL.", lines=logs.lines, pods=logs.pods
    )


def redacted(facts: Facts) -> Outcome:
    """No personal data and no secret."""
    logs = facts.logs
    if logs is None or (logs.lines < FEWEST_LINES and not logs.personal):
        seen = 0 if logs is None else logs.lines
        return unknown(f"A sample of {seen} lines is too small; {FEWEST_LINES} are needed.", _ASK)
    if logs.personal:
        return failed(
            f"The logs hold something that looks like: {', '.join(logs.personal)}.",
            "Find the line that writes it, and take it away.",
            kinds=list(logs.personal),
            lines=logs.lines,
        )
    return passed(f"{logs.lines} lines hold no mail address, IBAN, token or password.", lines=logs.lines)


def correlated(facts: Facts) -> Outcome:
    """Every answered request can be followed."""
    logs = facts.logs
    if logs is None or (logs.requests < FEWEST_REQUESTS and not logs.uncorrelated):
        seen = 0 if logs is None else logs.requests
        return unknown(f"A sample of {seen} requests is too small; {FEWEST_REQUESTS} are needed.", _ASK)
    if logs.uncorrelated:
        return failed(
            f"{logs.uncorrelated} of {logs.requests} requests were logged without a correlation id.",
            "Look at the middleware that sets it.",
            uncorrelated=logs.uncorrelated,
            requests=logs.requests,
        )
    return passed(f"Each of {logs.requests} requests has a correlation id.", requests=logs.requests)
