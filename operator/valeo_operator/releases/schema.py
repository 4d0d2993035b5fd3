"""Whether a release can run on a schema revision: told by the chain of revisions and what each of them does. Pure.

A database that is ahead of the code is fine as long as every step ahead only added something, or says that releases as
new as this one tolerate it. What no recorded release knows is unknown, and unknown is never a yes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from valeo_operator.api.valeorelease import BreakingStep, StepKind, ValeoRelease, ValeoReleaseSpec


@dataclass(frozen=True)
class Tolerance:
    """Whether a release can run on a revision, and why not."""

    holds: bool
    why: str = ""
    steps: tuple[str, ...] = ()


def range_of(release: ValeoReleaseSpec) -> str:
    """The schema range of a release in words."""
    return f"{release.oldest_schema_revision} to {release.schema_revision}, and later ones that only add"


def tolerates(release: ValeoRelease, revision: str, known: Iterable[ValeoRelease]) -> Tolerance:
    """Whether the release can run on this revision, by what the recorded releases know of the chain."""
    spec = release.spec
    if revision == spec.schema_revision:
        return Tolerance(holds=True)
    if not revision:
        return Tolerance(holds=False, why="the live revision is not known")
    if revision in spec.schema_chain or revision == spec.oldest_schema_revision:
        return _behind(spec, revision)
    chain = next((each.spec for each in known if _leads(each.spec, spec.schema_revision, revision)), None)
    if chain is None:
        return Tolerance(holds=False, why=f"no recorded release knows what lies between its revision and {revision}")
    return _ahead(spec, revision, chain)


def _leads(chain: ValeoReleaseSpec, start: str, end: str) -> bool:
    return start in chain.schema_chain and end in chain.schema_chain


def _behind(spec: ValeoReleaseSpec, revision: str) -> Tolerance:
    """The database is behind what the release was written for."""
    chain = spec.schema_chain
    if revision == spec.oldest_schema_revision:
        return Tolerance(holds=True)
    known = spec.oldest_schema_revision in chain
    if known and chain.index(revision) > chain.index(spec.oldest_schema_revision):
        return Tolerance(holds=True)
    return Tolerance(holds=False, why=f"{revision} is older than {spec.oldest_schema_revision}")


def _ahead(spec: ValeoReleaseSpec, revision: str, by: ValeoReleaseSpec) -> Tolerance:
    steps = steps_between(by, spec.schema_revision, revision)
    hard = [each for each in by.breaking_steps if each.revision in steps and not _is_tolerated(each, spec, by)]
    if not hard:
        return Tolerance(holds=True, steps=steps)
    told = ", ".join(f"{each.revision} is {each.kind.value}" for each in hard)
    return Tolerance(holds=False, why=told, steps=steps)


def _is_tolerated(step: BreakingStep, spec: ValeoReleaseSpec, by: ValeoReleaseSpec) -> bool:
    if step.kind is StepKind.ADDITIVE:
        return True
    start, chain = step.tolerated_from, by.schema_chain
    return start is not None and start in chain and chain.index(spec.schema_revision) >= chain.index(start)


def steps_between(by: ValeoReleaseSpec, before: str, after: str) -> tuple[str, ...]:
    """The revisions that lead from one to another: without the first, with the last. Empty where it is no way up."""
    chain = by.schema_chain
    if after not in chain or (before and before not in chain):
        return ()
    return chain[chain.index(before) + 1 if before else 0 : chain.index(after) + 1]


def contractions(by: ValeoReleaseSpec, before: str) -> tuple[BreakingStep, ...]:
    """What a migration to this release would do beyond adding."""
    steps = steps_between(by, before, by.schema_revision)
    return tuple(each for each in by.breaking_steps if each.revision in steps and each.kind is not StepKind.ADDITIVE)
