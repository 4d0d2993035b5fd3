"""What each schema revision does to the one before: it adds, it takes something away, or it can't be undone.

A revision that does more than add says so beside its id: `kind = "contracting"` (or `"irreversible"`), and
`tolerated_from = "0007"` where code that was written for 0007 or later runs on it all the same. Without a word it only
adds, and tests/unit/migrations/test_steps.py reads its operations to see whether that is true.
"""

from dataclasses import dataclass

from alembic.script import Script, ScriptDirectory

from valeo_erp.migrations.migrate import alembic_config

ADDITIVE, CONTRACTING, IRREVERSIBLE = "additive", "contracting", "irreversible"
KINDS = (ADDITIVE, CONTRACTING, IRREVERSIBLE)


@dataclass(frozen=True)
class Step:
    """One revision.

    Attributes:
        kind: one of KINDS.
        tolerated_from: code written for this revision or a later one runs on it; None where none does.
    """

    revision: str
    kind: str
    tolerated_from: str | None = None


def steps() -> tuple[Step, ...]:
    """Every revision that this version knows, the oldest first.

    Raises ValueError for a kind that is none.
    """
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return tuple(reversed([_step(each) for each in scripts]))


def _step(script: Script) -> Step:
    kind = getattr(script.module, "kind", ADDITIVE)
    if kind not in KINDS:
        raise ValueError(f"revision {script.revision} has kind {kind!r}; expected one of {', '.join(KINDS)}")
    return Step(script.revision, kind, getattr(script.module, "tolerated_from", None))
