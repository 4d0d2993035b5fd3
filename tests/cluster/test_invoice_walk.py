"""The acceptance walk: one invoice from draft to posted, printed, exported and seen live, from outside the cluster."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
from tests.cluster.conftest import Installation
from tests.support.walk import Walk


async def test_an_invoice_goes_from_draft_to_posted_printed_exported_and_is_seen_live(
    installation: Installation,
) -> None:
    told: list[str] = []

    invoice = await Walk(installation.url, installation.issuer, told.append).run()

    year = datetime.now(ZoneInfo("Europe/Berlin")).year
    assert re.fullmatch(rf"INV-{year}-\d{{5}}", invoice.number or ""), told
    if installation.fresh:
        assert invoice.number == f"INV-{year}-00001"


def test_kubectl_shows_version_phase_colour_readiness_and_that_there_was_never_a_backup(
    installation: Installation,
) -> None:
    shown = installation.cluster.kubectl("-n", installation.namespace, "get", "verp", installation.name)

    head, row = shown.strip().splitlines()
    starts = [(found[0], found.start()) for found in re.finditer(r"\S+", head)]  # a cell may be empty: GATES here
    columns = {
        name: (row[start:].split(maxsplit=1) or [""])[0] for name, start in starts if row[start : start + 1] != " "
    }
    assert columns["VERSION"] == "0.1.0"
    assert columns["PHASE"] == "Complete"
    assert columns["ACTIVE"] in {"blue", "green"}
    assert columns["READY"] == "True"
    assert columns["BACKUP"] == "never"


def test_the_service_is_answered_by_the_release_that_the_status_names(installation: Installation) -> None:
    status = installation.resource()["status"]

    answered = httpx.get(f"{installation.url}/readyz", timeout=10).json()

    assert answered["ready"] is True
    assert answered["release"] == status["activeRelease"]
    assert answered["colour"] == status["activeColour"]
    assert answered["schema_revision"] == status["schemaRevision"]


def test_pages_documentation_and_metrics_are_served(installation: Installation) -> None:
    with httpx.Client(base_url=installation.url, timeout=10) as http:
        answers = {path: http.get(path).status_code for path in ("/healthz", "/metrics", "/docs", "/openapi.json")}

    assert set(answers.values()) == {200}, answers
