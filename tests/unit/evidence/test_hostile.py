"""Whatever bytes a stranger sends: a summary or a refusal, quickly, and nothing else."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import reports

from valeo_operator.evidence.json_reading import read_json
from valeo_operator.evidence.limits import LIMITS, Limits
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, RefusedEvidenceError
from valeo_operator.evidence.xml_reading import read_xml

XML = (Format.JUNIT, Format.COBERTURA)
JSON = tuple(format_ for format_ in Format if format_ not in XML)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def read_or_refuse(format_: Format, content: bytes) -> str:
    """The refusal, empty where the report was read; any other error is a bug and comes through."""
    try:
        read_report(format_, content, {})
    except RefusedEvidenceError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("format_", XML)
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><testsuite>&l9;</testsuite>', "document type of its own"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>', "document type"),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x">%x;]><testsuite/>', "document type of its own"),
        ("<testsuite>" * 10_000, "nests deeper"),
        ("<testsuite>&undefined;</testsuite>", "not XML"),
        ("", "not XML"),
        ("<testsuite", "not XML"),
        ('<?xml version="1.0" encoding="martian"?><testsuite/>', "not XML"),
        ('<?xml version="1.0" encoding="shift_jis"?><testsuite/>', "not XML"),
        ("<testsuite>\x00</testsuite>", "not XML"),
    ],
)
def test_hostile_xml_is_refused(format_: Format, content: str, complaint: str) -> None:
    assert complaint in read_or_refuse(format_, content.encode())


@pytest.mark.parametrize("format_", JSON)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 100_000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff\xfe"}',
        b'{"a": 1',
        b"",
        b"null",
        b"7",
        b'"text"',
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_hostile_json_is_refused(format_: Format, content: bytes) -> None:
    assert read_or_refuse(format_, content)


@pytest.mark.parametrize("format_", Format)
def test_a_report_beyond_the_limit_is_refused_unread(format_: Format) -> None:
    assert "bytes, more than" in read_or_refuse(format_, b" " * (LIMITS.size + 1))


@pytest.mark.parametrize("format_", Format)
def test_a_truncated_report_is_never_a_clean_one(format_: Format) -> None:
    whole = reports.clean(format_).rstrip()

    read_cut_off = [cut for cut in range(0, len(whole), 3) if not read_or_refuse(format_, whole[:cut])]

    assert read_cut_off == []


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("encoding", ["utf-16", "cp037"])
def test_another_encoding_gives_no_other_numbers(format_: Format, encoding: str) -> None:
    plain = reports.clean(format_)
    content = plain.decode().encode(encoding)

    refused = read_or_refuse(format_, content)

    assert refused or read_report(format_, content, {}) == read_report(format_, plain, {})


@pytest.mark.parametrize(
    "content",
    [b'"' + rb"\"" * 2_000_000, b'"' * 4_000_000, b"[" + b'"a",' * 300_000 + b"1]", rb"\"" * 2_000_000],
)
def test_measuring_json_takes_time_in_proportion(content: bytes) -> None:
    started = time.process_time()
    read_or_refuse(Format.TRIVY, content)

    assert time.process_time() - started < 5


def test_the_number_of_values_is_bounded() -> None:
    few = Limits(size=1000, depth=10, items=5)
    with pytest.raises(RefusedEvidenceError, match="more than 5 values"):
        read_json(b"[1,2,3,4,5,6,7]", few)
    with pytest.raises(RefusedEvidenceError, match="more than 5 elements"):
        read_xml(b"<a><b/><b/><b/><b/><b/></a>", few)


def test_brackets_and_commas_within_texts_count_for_nothing() -> None:
    few = Limits(size=1000, depth=1, items=2)

    assert read_json(rb'["[[[{{{,,,\"[["]', few).value == ['[[[{{{,,,"[[']


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**18) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@st.composite
def damaged(draw: st.DrawFn, report: Any) -> Any:
    """The report with another value at a place of its own choosing."""
    if isinstance(report, dict) and report and draw(st.booleans() | st.just(value=True)):
        key = draw(st.sampled_from(sorted(report)))
        return {**report, key: draw(damaged(report[key]))}
    if isinstance(report, list) and report and draw(st.booleans() | st.just(value=True)):
        place = draw(st.integers(0, len(report) - 1))
        return [*report[:place], draw(damaged(report[place])), *report[place + 1 :]]
    return draw(JSON_VALUES)


WRITTEN_IN_JSON = (
    (Format.SARIF, reports.SARIF),
    (Format.TRIVY, reports.TRIVY),
    (Format.GRYPE, reports.GRYPE),
    (Format.PIP_AUDIT, reports.PIP_AUDIT),
    (Format.SAFETY, reports.SAFETY),
    (Format.SAFETY, reports.SAFETY_SCAN),
    (Format.BANDIT, reports.BANDIT),
    (Format.ZAP, reports.ZAP),
    (Format.K6, reports.K6),
    (Format.K6, reports.K6_HANDLE_SUMMARY),
    (Format.LOCUST, reports.LOCUST_JSON),
    (Format.IN_TOTO, reports.IN_TOTO),
    (Format.IN_TOTO, reports.IN_TOTO_VULNERABILITIES),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.parametrize(("format_", "report"), WRITTEN_IN_JSON)
@given(data=st.data())
def test_a_damaged_json_report_is_read_or_refused(format_: Format, report: Any, data: st.DataObject) -> None:
    read_or_refuse(format_, json.dumps(data.draw(damaged(report))).encode())


@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("format_", Format)
@given(data=st.data())
def test_a_report_with_flipped_bytes_is_read_or_refused(format_: Format, data: st.DataObject) -> None:
    content = bytearray(reports.clean(format_))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))

    read_or_refuse(format_, bytes(content))


@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("format_", Format)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(format_: Format, content: bytes) -> None:
    read_or_refuse(format_, content)
