"""What a sample of the logs tells. Its lines themselves are never kept."""

import json

import pytest

from valeo_operator.golive.logs import LogFacts, read_log, together


def line(level: str = "INFO", message: str = "Answered", **more: object) -> str:
    record = {"level": level, "logger": "valeo_erp.request", "message": message, "correlation_id": "c1", **more}
    return json.dumps(record)


def test_requests_are_counted_by_their_logger() -> None:
    assert read_log("\n".join([line(), line(logger="valeo_erp.other")])).requests == 1


@pytest.mark.parametrize("level", ["ERROR", "CRITICAL", "error"])
def test_a_record_of_level_error_is_an_error(level: str) -> None:
    assert read_log(line(level)).errors == 1


def test_the_word_error_in_a_message_is_none() -> None:
    assert read_log(line(message="ERROR in the form was shown to the user")).errors == 0


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "2026 ERROR it broke", "CRITICAL"])
def test_a_line_without_structure_is_read_by_its_words(text: str) -> None:
    assert read_log(text).errors == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mail to olga@hofmann.example", "mail address"),
        ("paid to DE89370400440532013000", "IBAN"),
        ("paid to DE89 3704 0044 0532 0130 00", "IBAN"),
        ("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvbGdhIn0.c2ln", "token"),
        ("postgresql+asyncpg://valeo:hunter2@db/valeo", "password"),
    ],
)
def test_personal_data_and_secrets_are_found(text: str, kind: str) -> None:
    assert read_log(line(message=text)).personal == (kind,)


@pytest.mark.parametrize("text", ["Answered /api/v1/invoices/{document_id}", "0191f9c4-7d0e-7c3a-9b1f-0c6f3a1e5d77"])
def test_ordinary_lines_hold_none(text: str) -> None:
    assert read_log(line(message=text)).personal == ()


@pytest.mark.parametrize("correlation", [None, "", "-"[:0]])
def test_a_request_without_correlation_id_is_counted(correlation: str | None) -> None:
    assert read_log(line(correlation_id=correlation)).uncorrelated == 1


@pytest.mark.parametrize("text", ["", "\n\n", "[1, 2]", '"x"', "{", "\x00"])
def test_anything_may_be_logged(text: str) -> None:
    assert read_log(text).requests == 0


def test_pods_are_added_up() -> None:
    both = together([read_log(line(), restarts=1), read_log(line("ERROR", "to a@b.example"))])

    assert both == LogFacts(
        pods=2, lines=2, errors=1, personal=("mail address",), requests=2, uncorrelated=0, restarts=1
    )
