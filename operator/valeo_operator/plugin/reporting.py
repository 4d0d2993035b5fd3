"""`kubectl valeo report`: write the go-live report, or verify one."""

from datetime import UTC, datetime
from pathlib import Path

from valeo_operator import __version__
from valeo_operator.golive.report.chain import DamagedReportError, sealed
from valeo_operator.golive.report.document import Document, Made, Source, document
from valeo_operator.golive.report.page import page
from valeo_operator.golive.report.verify import verified
from valeo_operator.golive.report.words import Language
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.checklists import checklist_of
from valeo_operator.plugin.connection import PluginError
from valeo_operator.plugin.drawing import as_json
from valeo_operator.plugin.sight import look


def report(asked: Asked) -> str:
    """Write the report of an installation, and give its digest."""
    options = asked.options
    me = asked.connection.who_am_i()
    made = document(_source(asked), Made(at=datetime.now(UTC), by=me.user, version=__version__))
    target, language = Path(options.file or f"{made.subject.installation}-go-live.html"), Language(options.language)
    _write(target, _formed(made, target.suffix, language))
    told = ", ".join(f"{number} {result.value}" for result, number in made.totals.items() if number) or "no gates"
    return f"{target}: {made.answer.value}, {told}\n{sealed(made)['digest']}"


def _source(asked: Asked) -> Source:
    sight = look(asked.connection, asked.options.installation)
    return Source(
        erp=sight.erp,
        release=sight.gated_release,
        gates=sight.gates,
        approvals=sight.approvals,
        waivers=sight.waivers,
        checklist=checklist_of(sight, asked.connection),
        trail=sight.trail,
        unseen=sight.unseen,
    )


def _formed(made: Document, suffix: str, language: Language) -> bytes:
    match suffix:
        case ".json":
            return (as_json(sealed(made)) + "\n").encode()
        case ".html":
            return page(made, language).encode()
        case ".pdf":
            from valeo_operator.golive.report.paper import paper  # noqa: PLC0415 - the PDF engine is large

            return paper(made, language)
        case _:
            raise PluginError(
                f"a report is written as .html, .pdf or .json, not as {suffix or 'a file without ending'}"
            )


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as wrong:
        raise PluginError(f"{target} can't be written: {wrong.strerror}") from wrong


def verified_file(file: Path, digest: str) -> str:
    """What a report file says of itself, after it was verified."""
    try:
        found = verified(file.read_bytes())
    except OSError as wrong:
        raise PluginError(f"{file} can't be read: {wrong.strerror}") from wrong
    except DamagedReportError as damaged:
        raise PluginError(f"{file} is not what was made: {damaged}") from damaged
    if digest and digest != found.digest:
        raise PluginError(f"{file} is whole, but another report: its digest is {found.digest}, not {digest}")
    subject, made = found.report.subject, found.report.made
    about = f"{subject.installation} {subject.release or 'without a release'}, {found.report.answer.value}"
    told = f"{file} is whole: {about}, made at {made.at:%Y-%m-%d %H:%M:%S} UTC by {made.by}\n{found.digest}"
    return told if digest else f"{told}\nCompare this digest with the one that was told to you another way."
