"""The report as one HTML page: nothing is loaded from elsewhere, nothing runs, and the JSON is inside."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from valeo_operator.api.golive import Result
from valeo_operator.golive.report.chain import sealed
from valeo_operator.golive.report.document import Answer, Document, Gate
from valeo_operator.golive.report.progress import COLOURS, picture
from valeo_operator.golive.report.words import Language, word

DATA_OPENS: Final = '<script type="application/json" id="go-live-report">'
DATA_CLOSES: Final = "</script>"
_NOT_KNOWN: Final = frozenset({Result.UNKNOWN, Result.STALE, Result.PENDING})
_SUBJECT: Final = (
    "installation",
    "namespace",
    "environment",
    "release",
    "image",
    "digest",
    "version",
    "schemaRevision",
    "requestedBy",
    "checklistHash",
)
# How wide columns are, one beside the other. Fixed widths also make the PDF four times faster.
_WIDTHS: Final = {
    "line": 32,
    "result": 13,
    "why": 32,
    "nextStep": 23,
    "source": 34,
    "seen": 38,
    "comment": 22,
    "reason": 24,
    "instead": 24,
    "gate": 20,
    "person": 20,
}
_OTHER_WIDTH: Final = 11
_STYLE: Final = """
@page { size: A4; margin: 16mm 14mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #495057 } }
body { font: 10pt/1.4 "DejaVu Sans", sans-serif; color: #212529; max-width: 60rem; margin: 1rem auto; padding: 0 1rem }
h1 { font-size: 18pt; margin: 0 } h2 { font-size: 12.5pt; margin: 1.4em 0 .4em; break-after: avoid }
.answer { font-size: 13pt; font-weight: 600; border-left: .5rem solid; padding: .4rem .7rem; margin: .8rem 0 }
.Go { border-color: #2b8a3e } .NoGo, .emergency { border-color: #c92a2a }
.emergency { background: #fff0f0 }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: 8.5pt } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: .25em .4em; border-bottom: 1px solid #dee2e6;
  overflow-wrap: anywhere }
thead { display: table-header-group } th { font-weight: 600; background: #f1f3f5 }
.facts th { width: 30%; background: none } code { font: 8pt "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
.result { font-weight: 600 } .totals th { font-size: 7.5pt } svg { break-inside: avoid }
.small { color: #495057; font-size: 7.5pt }
@media print { body { margin: 0; padding: 0; max-width: none } }
"""


def page(report: Document, language: Language, *, with_data: bool = True) -> str:
    """The page. `with_data` puts the sealed JSON into it, so that the file can be verified."""
    seal = sealed(report)
    body = "".join(
        (
            f"<h1>{_say('title', language)}</h1>",
            _answer(report, language),
            _facts(report, language),
            _heading("results", language) + _totals(report, language),
            _heading("progress", language) + picture(report.gates, language),
            _heading("remarks", language) + _listed(report.remarks) if report.remarks else "",
            _heading("unknown", language) + _not_known(report, language),
            _heading("signOffs", language) + _sign_offs(report, language),
            _heading("exemptions", language) + _exemptions(report, language),
            _heading("gates", language) + _gates(report, language),
            _heading("evidence", language) + _evidence(report, language),
            _seal(seal["digest"], language),
        )
    )
    title = f"{_say('title', language)} {_shown(report.subject.installation)}"
    data = _data(seal) if with_data else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{body}{data}</body></html>\n"
    )


def _data(seal: Mapping[str, Any]) -> str:
    """JSON within a page: no sign in it can end the element or begin another one."""
    written = json.dumps(seal, ensure_ascii=False, sort_keys=True)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return DATA_OPENS + written + DATA_CLOSES


def _shown(text: str) -> str:
    """A text for the page; signs that can't be printed become blanks, whoever wrote them."""
    return escape("".join(sign if sign.isprintable() else " " for sign in text))


def _say(key: str, language: Language) -> str:
    return _shown(word(key, language))


def _heading(key: str, language: Language) -> str:
    return f"<h2>{_say(key, language)}</h2>"


def _answer(report: Document, language: Language) -> str:
    told = word(report.answer, language).format(number=len(report.in_the_way))
    if report.answer is Answer.NO_GO and not report.in_the_way:
        told = word("noEvidence", language)
    emergency = any(each.emergency and each.counts for each in report.exemptions)
    loud = f'<p class="answer emergency">{_say("emergency", language)}</p>' if emergency else ""
    return f'<p class="answer {report.answer.value}">{_shown(told)}</p>{loud}'


def _facts(report: Document, language: Language) -> str:
    subject, made = report.subject.to_object(), report.made
    subject["environment"] = word(report.subject.environment, language)
    facts = [(key, str(subject[key]) or "-") for key in _SUBJECT]
    facts.append(("trail", _trail(report)))
    facts += [("madeAt", _time(made.at)), ("madeBy", made.by or "-"), ("program", f"valeo-operator {made.version}")]
    rows = "".join(f"<tr><th>{_say(key, language)}</th><td>{_shown(value)}</td></tr>" for key, value in facts)
    return f'<table class="facts"><tbody>{rows}</tbody></table>'


def _trail(report: Document) -> str:
    trail = report.trail
    return f"{trail.entries}, {trail.head}" + (f", {trail.broken}" if trail.broken else "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], language: Language) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{_say(key, language)}</th>" for key in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    widths = [_WIDTHS.get(key, _OTHER_WIDTH) for key in heads]
    columns = "".join(f'<col style="width:{100 * width / sum(widths):.1f}%">' for width in widths)
    return f"<table>{columns}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _listed(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_shown(line)}</li>" for line in lines) + "</ul>"


def _totals(report: Document, language: Language) -> str:
    """Every result is told, also where there is none; no share hides what is not known."""
    heads = "".join(f"<th>{_result(result, language)}</th>" for result in Result)
    numbers = "".join(f"<td>{report.totals.get(result, 0)}</td>" for result in Result)
    return f'<table class="totals"><thead><tr>{heads}</tr></thead><tbody><tr>{numbers}</tr></tbody></table>'


def _result(result: Result, language: Language) -> str:
    return f'<span class="result" style="color:{COLOURS[result]}">{_say(result, language)}</span>'


def _line(gate: Gate, language: Language) -> str:
    what = " · ".join((gate.position, gate.gate, word(gate.severity, language), word(f"kind.{gate.kind}", language)))
    return f'{_shown(gate.line)}<div class="small">{_shown(what)}</div>'


def _not_known(report: Document, language: Language) -> str:
    found = [gate for gate in report.gates if gate.result in _NOT_KNOWN]
    if not found:
        return f"<p>{_say('nothingUnknown', language)}</p>"
    rows = [
        (_line(gate, language), _result(gate.result, language), _shown(gate.message), _shown(gate.next_step))
        for gate in found
    ]
    return _table(("line", "result", "why", "nextStep"), rows, language)


def _gates(report: Document, language: Language) -> str:
    rows = [
        (
            _line(gate, language),
            _result(gate.result, language),
            _shown(gate.message),
            _shown(_time(gate.checked_at)),
            _shown(_time(gate.valid_until)),
        )
        for gate in report.gates
    ]
    return _table(("line", "result", "why", "checkedAt", "validUntil"), rows, language)


def _sign_offs(report: Document, language: Language) -> str:
    if not report.sign_offs:
        return f"<p>{_say('noSignOffs', language)}</p>"
    rows = [
        (
            f"{_shown(each.gate)}<div class='small'>{_shown(each.name)}</div>",
            _say(each.decision, language),
            f"{_shown(each.user)}<div class='small'>{_shown(', '.join(each.groups))}</div>",
            _shown(each.role),
            _shown(each.comment),
            _shown(_time(each.made_at)),
            _say("yes" if each.counts else "no", language),
        )
        for each in report.sign_offs
    ]
    return _table(("gate", "decision", "person", "role", "comment", "at", "counts"), rows, language)


def _exemptions(report: Document, language: Language) -> str:
    if not report.exemptions:
        return f"<p>{_say('noExemptions', language)}</p>"
    rows = [
        (
            f"{_shown(each.gate) or _say('allGates', language)}<div class='small'>{_shown(each.name)}</div>",
            f"{_shown(each.user)}<div class='small'>{_shown(', '.join(each.groups))}</div>",
            _shown(each.reason),
            _shown(each.compensating_control),
            _shown(_time(each.expires_at)),
            _say("yes" if each.counts else "no", language),
        )
        for each in report.exemptions
    ]
    return _table(("gate", "person", "reason", "instead", "until", "counts"), rows, language)


def _evidence(report: Document, language: Language) -> str:
    shown = [gate for gate in report.gates if gate.evidence_digest]
    if not shown:
        return f"<p>{_say('noEvidence', language)}</p>"
    rows = [
        (
            _shown(gate.gate),
            f"{_shown(gate.evidence)}<br><code>{_shown(gate.evidence_digest)}</code>",
            _shown(gate.seen),
        )
        for gate in shown
    ]
    return _table(("gate", "source", "seen"), rows, language)


def _seal(digest: str, language: Language) -> str:
    command = f"kubectl valeo report --verify FILE --digest {digest}"
    return f"<h2>SHA-256</h2><p>{_say('verify', language)}</p><p><code>{_shown(command)}</code></p>"


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "-"
