"""The shipped checklist: the customer's lines, each exactly once, in their order."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from valeo_operator.api.golive import Check, GateKind, Severity, Stage
from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec
from valeo_operator.api.valeoerp import RequiredElsewhere, ValeoERP
from valeo_operator.golive.bundles import required_entry
from valeo_operator.golive.catalogue import WAIVERS, checklist_hash, entry_of, groups_of, shipped, span
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts

ROOT = Path(__file__).parents[3]
ENTRIES = shipped().entries
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def customers_lines() -> Iterator[tuple[str, str, str, str]]:
    lines = yaml.safe_load((Path(__file__).parent / "lines.yaml").read_text(encoding="utf-8"))
    for phase, sections in lines.items():
        for section, groups in sections.items():
            for group, leaves in groups.items():
                yield from ((phase, section, group, leaf) for leaf in leaves)


def test_the_checklist_has_one_entry_for_each_of_the_143_leaf_lines() -> None:
    assert len(ENTRIES) == 143


def test_titles_and_places_are_the_customers_own_in_the_same_order() -> None:
    assert [(e.phase.value, e.section, e.group, e.line) for e in ENTRIES] == list(customers_lines())


def test_ids_and_positions_are_unique_and_positions_rise() -> None:
    places = [tuple(int(part) for part in entry.position.split(".")) for entry in ENTRIES]

    assert len({entry.id for entry in ENTRIES}) == 143
    assert places == sorted(set(places))


def test_the_place_of_a_line_begins_with_its_phase() -> None:
    number = {stage: str(place) for place, stage in enumerate(Stage, start=1)}

    assert [entry.id for entry in ENTRIES if not entry.position.startswith(number[entry.phase] + ".")] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_says_how_it_is_shown_in_exactly_the_way_of_its_kind(entry: ChecklistEntry) -> None:
    ways = {
        GateKind.AUTOMATED: entry.check,
        GateKind.EVIDENCE: entry.evidence,
        GateKind.SIGN_OFF: entry.sign_off,
    }

    assert [kind for kind, way in ways.items() if way is not None] == [entry.kind]


def test_every_role_that_signs_belongs_to_a_group() -> None:
    roles = {entry.sign_off.role for entry in ENTRIES if entry.sign_off} | {WAIVERS}

    assert [role for role in roles if not groups_of(shipped(), role)] == []


def test_no_role_is_named_that_signs_nothing() -> None:
    signs = {entry.sign_off.role for entry in ENTRIES if entry.sign_off} | {WAIVERS}

    assert {each.role for each in shipped().roles} == signs


@pytest.mark.parametrize("entry", [*ENTRIES, required_entry(RequiredElsewhere(signed_by=("k",)))], ids=lambda e: e.id)
def test_every_line_leads_to_a_part_of_a_page_that_says_what_to_do(entry: ChecklistEntry) -> None:
    path, _, part = (entry.runbook or "").partition("#")

    assert part in {anchor(heading) for heading in headings_of((ROOT / path).read_text())}


def anchor(heading: str) -> str:
    """How a heading is addressed by a link."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def headings_of(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


LATER = {"runbooks/DISASTER-RECOVERY.md"}  # written with the tool that restores


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.document], ids=lambda e: e.id)
def test_the_documents_that_the_checklist_names_are_complete(entry: ChecklistEntry) -> None:
    wanted = entry.document
    assert wanted is not None
    pages = {path.relative_to(ROOT / "docs").as_posix(): path for path in (ROOT / "docs").rglob("*.md")}
    if wanted.path in LATER - set(pages):
        return
    facts = Facts(erp(), NOW, handbook=frozenset(pages), documents={wanted.path: pages[wanted.path].read_text()})

    assert look(Check.DOCUMENT, facts, wanted).message.startswith(f"{wanted.path} has ")


def test_exactly_the_lines_about_documents_name_one() -> None:
    assert [e.id for e in ENTRIES if (e.check is Check.DOCUMENT) != (e.document is not None)] == []


def erp() -> ValeoERP:
    return ValeoERP.model_validate(
        {
            "metadata": {"name": "acme", "namespace": "acme", "uid": "u"},
            "spec": {"image": "valeo-erp:1", "publicURL": "https://erp.example.com", "auth": {"issuer": "https://id"}},
        }
    )


def test_the_four_sign_offs_of_the_stakeholders_block_and_can_not_be_waived() -> None:
    stakeholders = [entry for entry in ENTRIES if entry.group == "Stakeholder Sign-Off"]

    assert [(e.severity, e.waivable) for e in stakeholders] == [(Severity.BLOCKER, False)] * 4


def test_any_change_of_the_checklist_makes_another_hash() -> None:
    changed = shipped().to_object()
    changed["entries"][-1]["maximumAge"] = "23h"

    assert checklist_hash(GoLiveChecklistSpec.model_validate(changed)) != checklist_hash(shipped())


def test_the_hash_does_not_depend_on_how_defaults_are_written() -> None:
    again = GoLiveChecklistSpec.model_validate(shipped().to_object())

    assert checklist_hash(again) == checklist_hash(shipped())


@pytest.mark.parametrize(("text", "time"), [("15m", 900), ("24h", 86_400), ("90d", 7_776_000)])
def test_a_duration_is_a_time_span(text: str, time: int) -> None:
    assert span(text) == timedelta(seconds=time)


def test_an_entry_is_found_by_its_id() -> None:
    assert entry_of(shipped(), "dpia-documented") is not None
    assert entry_of(shipped(), "dpia") is None
