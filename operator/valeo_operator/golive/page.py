"""The page of the shipped checklist in the reference: every line, how it is shown, and how long that holds."""

from collections.abc import Iterator
from typing import assert_never

from valeo_operator.api.golive import GateKind
from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec
from valeo_operator.golive.catalogue import checklist_hash, groups_of, shipped

_GENERATED = "<!-- Generated from the shipped checklist by `python -m valeo_operator.api.generate`. Do not edit. -->"
_HEADINGS = {"preDeployment": "Before deployment", "deployment": "Deployment", "postDeployment": "After deployment"}
_ABOUT = """\
gates, one for each leaf line of the go-live checklist: the lines below a group, in phases 1 to 3. A group itself is no
gate, nor are the two lines "Deploy to Staging" and "Deploy to Production", which stand beside the groups and are an
act: what came of it is what the gates after them look at. What the words mean is in [reasons](reasons.md)."""


def catalogue_page() -> str:
    """The whole page."""
    checklist = shipped()
    lines = [
        _GENERATED,
        "# The go-live gates",
        f"{len(checklist.entries)} {_ABOUT}",
        f"Hash of this checklist: `{checklist_hash(checklist)}`.",
        "## Who signs",
        _table(
            ("role", "groups"),
            [(f"`{each.role}`", ", ".join(f"`{g}`" for g in each.groups)) for each in checklist.roles],
        ),
        *_sections(checklist),
    ]
    return "\n\n".join(lines) + "\n"


def _sections(checklist: GoLiveChecklistSpec) -> Iterator[str]:
    phase = section = ""
    rows: list[tuple[str, ...]] = []
    for entry in checklist.entries:
        if (entry.phase.value, entry.section) != (phase, section):
            if rows:
                yield _gates(rows)
                rows = []
            if entry.phase.value != phase:
                phase = entry.phase.value
                yield f"## {_HEADINGS[phase]}"
            section = entry.section
            yield f"### {section}"
        rows.append(_row(entry, checklist))
    yield _gates(rows)


def _gates(rows: list[tuple[str, ...]]) -> str:
    return _table(("place", "gate", "line", "how it is shown", "severity", "holds for", "may be waived"), rows)


def _row(entry: ChecklistEntry, checklist: GoLiveChecklistSpec) -> tuple[str, ...]:
    where = f" ({entry.environment.value} only)" if entry.environment else ""
    return (
        entry.position,
        f"`{entry.id}`",
        f"{entry.group}: {entry.line}",
        _how(entry, checklist) + where,
        entry.severity.value,
        f"{entry.maximum_age}, {entry.scope.value}",
        "yes" if entry.waivable else "no",
    )


def _how(entry: ChecklistEntry, checklist: GoLiveChecklistSpec) -> str:
    match entry.kind:
        case GateKind.AUTOMATED:
            return f"check `{entry.check.value}`" if entry.check else ""
        case GateKind.EVIDENCE:
            wanted = entry.evidence
            return (
                f"{' or '.join(each.value for each in wanted.formats)}: `{wanted.requirement.value}`" if wanted else ""
            )
        case GateKind.SIGN_OFF:
            return _signs(entry, checklist)
        case _:
            assert_never(entry.kind)


def _signs(entry: ChecklistEntry, checklist: GoLiveChecklistSpec) -> str:
    if entry.sign_off is None:
        return ""
    groups = ", ".join(sorted(groups_of(checklist, entry.sign_off.role)))
    return f"{entry.sign_off.quorum} of {groups} signs"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
