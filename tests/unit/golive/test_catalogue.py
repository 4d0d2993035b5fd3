"""The shipped checklist: the customer's lines, each exactly once, in their order."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from valeo_operator.api.golive import GateKind, Severity, Stage
from valeo_operator.api.golivechecklist import ChecklistEntry, GoLiveChecklistSpec
from valeo_operator.golive.catalogue import WAIVERS, checklist_hash, entry_of, groups_of, shipped, span

ROOT = Path(__file__).parents[3]
ENTRIES = shipped().entries


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


def test_runbooks_are_pages_that_exist() -> None:
    assert [entry.runbook for entry in ENTRIES if entry.runbook and not (ROOT / entry.runbook).is_file()] == []


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
