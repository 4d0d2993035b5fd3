"""Answers of web addresses as the checks see them."""

import pytest

from valeo_operator.golive.facts import Reply
from valeo_operator.golive.observe import address, swapped
from valeo_operator.golive.web import reply


def test_json_is_read_where_the_answer_says_that_it_is_some() -> None:
    assert reply(200, "application/json", b'{"a": 1}') == Reply(200, "application/json", "", {"a": 1})


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"", b"[" * 100_000])
def test_broken_json_is_text(content: bytes) -> None:
    assert reply(200, "application/problem+json", content).json is None


def test_text_stays_text() -> None:
    assert reply(200, "text/html", b"<p>").text == "<p>"


@pytest.mark.parametrize(
    ("url", "origin", "asked"),
    [
        ("https://id.example.com/realm/keys?a=b", "http://id.erp.svc:8081", "http://id.erp.svc:8081/realm/keys?a=b"),
        ("https://id.example.com/realm/keys", None, "https://id.example.com/realm/keys"),
    ],
)
def test_only_the_origin_is_another_one_from_within_the_cluster(url: str, origin: str | None, asked: str) -> None:
    assert swapped(url, origin) == asked


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}, "http://10.0.0.1:80"),
        ({"clusterIP": "fd00::1", "ports": [{"port": 80}]}, "http://[fd00::1]:80"),
        ({"clusterIP": "None", "ports": [{"port": 80}]}, None),
        ({"clusterIP": "10.0.0.1"}, None),
        ({}, None),
    ],
)
def test_a_service_is_asked_at_its_own_address(spec: dict[str, object], found: str | None) -> None:
    assert address({"spec": spec}) == found
