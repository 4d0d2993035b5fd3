"""Whether evidence speaks of this release, and comes from whom it may come; then whether it meets the gate. Pure."""

from collections.abc import Collection

from valeo_operator.evidence.carriers import Evidence
from valeo_operator.evidence.judging import Judgement, Requirement, Verdict, judge


def verdict(
    requirement: Requirement, evidence: Evidence, *, release_digest: str, trusted_issuers: Collection[str]
) -> Verdict:
    """The judgement of evidence for a release. How old it may be is decided where all expiry is decided.

    `trusted_issuers` are user names of the API server; none of them: whoever may create ConfigMaps here is trusted.
    """
    foreign = unbound(evidence, release_digest=release_digest, trusted_issuers=trusted_issuers)
    if foreign:
        return Verdict(Judgement.UNKNOWN, foreign)
    return judge(requirement, evidence.summary)


def unbound(evidence: Evidence, *, release_digest: str, trusted_issuers: Collection[str]) -> str:
    """Why evidence does not count for the release; empty where it does."""
    if evidence.digest != release_digest:
        return f"{evidence.carrier} is about the image {evidence.digest}, not {release_digest}"
    named = evidence.summary.subjects
    if named and release_digest not in named:
        return f"{evidence.carrier}: the report itself is about {', '.join(sorted(named))}, not {release_digest}"
    if trusted_issuers and evidence.issuer not in trusted_issuers:
        return f"{evidence.carrier} was issued by {evidence.issuer}, who is not trusted with it"
    return ""
