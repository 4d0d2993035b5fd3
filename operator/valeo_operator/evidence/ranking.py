"""The words and scores of the tools, as one scale of severities."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from valeo_operator.evidence.summary import RefusedEvidenceError, Severity

_WORDS: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.INFO,
    "informational": Severity.INFO,
    "info": Severity.INFO,
    "none": Severity.INFO,
}
# CVSS 3: from which score on a finding has which severity.
_SCORES: Final = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
_HIGHEST_SCORE: Final = 10.0


def by_word(word: str) -> Severity:
    """The severity that a word stands for; a word that nobody knows is UNRANKED."""
    return _WORDS.get(word.strip().lower(), Severity.UNRANKED)


def by_score(score: float) -> Severity:
    """The severity of a CVSS score from 0 to 10."""
    if not 0 <= score <= _HIGHEST_SCORE:
        raise RefusedEvidenceError(f"a score of {score} is not between 0 and 10")
    return next((severity for least, severity in _SCORES if score >= least), Severity.INFO)


def by_word_or_score(text: str) -> Severity:
    """A tool may write either."""
    try:
        score = float(text)
    except ValueError:
        return by_word(text)
    return by_score(score)


def counted(severities: Iterable[Severity]) -> Mapping[Severity, int]:
    """How many there are of each; all severities are named."""
    found = Counter(severities)
    return {severity: found[severity] for severity in reversed(Severity)}
