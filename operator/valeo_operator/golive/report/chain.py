"""The hash chain over a report: each entry is bound to everything before it, and the last link names the whole."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from valeo_operator.golive.report.document import Document

FORM: Final = "valeoerp.io/go-live-report/v1"
_LISTS: Final = ("gates", "signOffs", "exemptions")


class DamagedReportError(Exception):
    """The report is not what was made, or not a report at all; the sentence says where it differs."""


def sealed(report: Document) -> dict[str, Any]:
    """The report as JSON values, with its chain and the digest of the whole."""
    content = report.to_object()
    links = list(_links(content))
    return {
        "form": FORM,
        "report": content,
        "chain": [{"entry": name, "sha256": link} for name, link in links],
        "digest": f"sha256:{links[-1][1]}",
    }


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "head", {key: value for key, value in content.items() if key not in _LISTS}
    for key in _LISTS:
        for entry in content.get(key, ()):
            yield f"{key}/{entry.get('gate') if key == 'gates' else entry.get('name')}", entry


def _links(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    link = hashlib.sha256(FORM.encode()).hexdigest()
    for name, entry in _entries(content):
        written = json.dumps([link, name, entry], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        link = hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
        yield name, link


def opened(written: Mapping[str, Any]) -> Document:
    """The report, after its chain was computed anew. DamagedReportError names the first entry that differs."""
    if written.get("form") != FORM or not isinstance(written.get("report"), dict):
        raise DamagedReportError(f"this is not a report of the form {FORM}")
    try:
        report = Document.model_validate(written["report"])
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise DamagedReportError(f"the report is not whole: {place}: {first['msg']}") from wrong
    anew = sealed(report)
    if anew["report"] != written["report"]:
        raise DamagedReportError("the report holds values in another form than it was made with")
    _compare(anew["chain"], written.get("chain"))
    if anew["digest"] != written.get("digest"):
        raise DamagedReportError(f"the digest of the report is {anew['digest']}, it claims {written.get('digest')}")
    return report


def _compare(anew: list[dict[str, str]], told: object) -> None:
    if not isinstance(told, list):
        raise DamagedReportError("the report has no chain")
    for mine, theirs in zip(anew, told, strict=False):
        if mine != theirs:
            raise DamagedReportError(f"the entry {mine['entry']}, or one before it, was changed")
    if len(anew) != len(told):
        raise DamagedReportError(f"the report has {len(anew)} entries and a chain of {len(told)}")
