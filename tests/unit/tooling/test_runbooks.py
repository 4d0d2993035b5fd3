"""Whoever is woken at night finds one page for what the status says, with the one act that resolves it."""

import re
from pathlib import Path

import pytest

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Phase
from valeo_operator.releases.lifecycle import UNSUCCESSFUL

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
PAGES = sorted((RUNBOOKS / "rollout").glob("*.md"))

GOES_ON_BY_ITSELF = {
    Reason.NOT_OBSERVED,
    Reason.NOT_CONFIGURED,
    Reason.ROLLOUT_PENDING,
    Reason.WAITING_FOR_DATABASE,
    Reason.DESCRIBING_IMAGE,
    Reason.PROVISIONING_DATABASE,
    Reason.MIGRATING_SCHEMA,
    Reason.STABILISING,
    Reason.SMOKE_TESTING,
    Reason.DRAINING_COLOUR,
    Reason.ROTATING_CREDENTIAL,
    Reason.WATCHING_RELEASE,
    Reason.ROLLING_BACK,
    Reason.PLAN_ONLY,
    Reason.STAGING_COLOUR,
    Reason.SWITCHING_COLOUR,
    Reason.SCALING,
    Reason.DELETING,
    Reason.BACKING_UP,
    Reason.WAITING_FOR_DATA_OPERATION,
    Reason.SUPERSEDED,
    Reason.GLASS_BROKEN,
}
WELL = {
    Reason.RUNNING,
    Reason.PODS_READY,
    Reason.DATABASE_ANSWERS,
    Reason.SCHEMA_IN_RANGE,
    Reason.ROLLOUT_COMPLETE,
    Reason.UP_TO_DATE,
    Reason.PROGRESSING,
    Reason.CREDENTIALS_YOUNG,
    Reason.BACKUP_FRESH,
    Reason.DRILL_EXACT,
    Reason.PREVIOUS_IN_RANGE,
    Reason.RECOVERY_POINT_FRESH,
    Reason.NOT_SUSPENDED,
    Reason.GATES_PASSED,
}
OF_BACKUPS = {
    reason
    for reason in Reason
    if reason.value.startswith(("Backup", "Drill", "Never", "RecoveryPoint", "Archive")) and reason not in WELL
}
"""What is done about these stands in the pages about backups and their alerts."""
BLOCKING = sorted(set(Reason) - GOES_ON_BY_ITSELF - WELL - OF_BACKUPS)


def title(page: Path) -> str:
    return page.read_text().splitlines()[0]


@pytest.mark.parametrize("reason", BLOCKING)
def test_every_reason_that_needs_somebody_stands_in_the_title_of_one_page(reason: Reason) -> None:
    assert [page.name for page in PAGES if f"`{reason.value}`" in title(page)], f"no runbook is about {reason.value}"
    assert len([page for page in PAGES if f"`{reason.value}`" in title(page)]) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_what_is_seen_why_the_one_act_and_how_it_is_over(page: Path) -> None:
    text = page.read_text()
    parts = [text.find(words) for words in ("**You see**", "**Why", "**The one act", "**It is over**")]
    assert -1 not in parts
    assert parts == sorted(parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_reasons_that_there_are(page: Path) -> None:
    assert set(re.findall(r"`(\w+)`", title(page))) <= {reason.value for reason in Reason}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_found_from_the_page_about_what_is_stalled(page: Path) -> None:
    assert f"(rollout/{page.name})" in (RUNBOOKS / "stalled.md").read_text()


@pytest.mark.parametrize("phase", UNSUCCESSFUL)
def test_every_unsuccessful_end_stands_in_a_page(phase: Phase) -> None:
    assert any(f"`{phase.value}`" in page.read_text() for page in PAGES)


def test_links_of_the_pages_lead_somewhere() -> None:
    for page in (*PAGES, RUNBOOKS / "stalled.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
