"""The values of a sign-in, and where requests come from."""

from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from valeo_erp.identity.origin import is_own, local_path
from valeo_erp.identity.sign_in import begin, provider_address, sealed, unsealed

KEY = bytes(32)


def test_the_provider_sees_the_hash_of_the_verifier_and_never_the_verifier() -> None:
    sign_in = begin("/invoices")
    address = provider_address(sign_in, "https://login.example/authorize?tenant=x", "valeo-erp", "https://erp/callback")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked == {
        "tenant": "x",
        "response_type": "code",
        "client_id": "valeo-erp",
        "redirect_uri": "https://erp/callback",
        "scope": "openid profile email",
        "state": sign_in.state,
        "nonce": sign_in.nonce,
        "code_challenge": create_s256_code_challenge(sign_in.verifier),
        "code_challenge_method": "S256",
    }
    assert sign_in.verifier not in address


def test_a_sign_in_survives_the_way_through_the_browser() -> None:
    sign_in = begin("/invoices")
    assert unsealed(sealed(sign_in, [KEY]), [KEY]) == sign_in


@pytest.mark.parametrize("cookie", [None, "", "x", "a.b.c", sealed(begin("/"), [b"another key of 32 bytes or more."])])
def test_a_forged_cookie_is_no_sign_in(cookie: str | None) -> None:
    assert unsealed(cookie, [KEY]) is None


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/invoices?state=draft", "/invoices?state=draft"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "a" * 2000, "/"),
    ],
)
def test_after_signing_in_the_way_leads_only_to_own_pages(wanted: str | None, path: str) -> None:
    assert local_path(wanted) == path


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site", "origin": "https://erp.example"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://erp.example"}, True),
        ({"origin": "http://erp.example"}, False),
        ({"origin": "https://erp.example.evil", "host": "erp.example"}, False),
        ({"origin": "http://127.0.0.1:9000", "host": "127.0.0.1:9000"}, True),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_requests_of_own_pages_may_use_the_cookie_to_change_something(headers: dict[str, str], own: bool) -> None:
    assert is_own(headers, "https://erp.example") is own


def test_a_sign_in_that_began_before_the_key_was_replaced_ends_well() -> None:
    sign_in, new = begin("/"), b"a newer key of 32 bytes or more.."
    assert unsealed(sealed(sign_in, [KEY]), [new, KEY]) == sign_in
    assert unsealed(sealed(sign_in, [new, KEY]), [new]) == sign_in
    assert unsealed(sealed(sign_in, [KEY]), [new]) is None
