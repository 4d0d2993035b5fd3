"""The development identity provider always speaks from its public address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from valeo_erp.demo.identity import PublicOrigin, provider_app
from valeo_erp.demo.people import PEOPLE
from valeo_erp.identity.claims import bearer_of


def test_whoever_asks_by_whatever_host_gets_the_public_origin() -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], _: object) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"HTTP_HOST": "identity:8081", "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_HOST": "evil.example"}
    PublicOrigin(app, "https://login.example:8443")(environ, lambda *_: None)
    assert seen == {"HTTP_HOST": "login.example:8443", "wsgi.url_scheme": "https"}


def test_every_person_of_the_demo_has_one_known_role_and_a_tenant() -> None:
    for person in PEOPLE:
        bearer = bearer_of(person | {"exp": 2_000_000_000}, "roles", "tenant")
        assert len(bearer.roles) == 1
        assert bearer.tenant in {"hofmann", "brandt"}
        assert bearer.name == person["name"]


def id_token_of(app: Any) -> str:
    """Sign in as olga, as a browser and the ERP do it together."""
    client = app.test_client()
    asked = {"client_id": "valeo-erp", "redirect_uri": "http://erp.example/back", "response_type": "code"}
    back = client.post("/oauth2/authorize", query_string={**asked, "scope": "openid"}, data={"sub": "olga"})
    (code,) = parse_qs(urlsplit(back.headers["location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
    answer = client.post("/oauth2/token", data=form, auth=("valeo-erp", "development"))
    assert answer.status_code == 200, answer.text
    token: str = answer.json["id_token"]
    return token


@pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # the package's own, of its older version
def test_a_token_is_signed_with_the_key_that_was_given(tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048)
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))

    token = id_token_of(provider_app("http://login.example", tmp_path / "key.pem"))

    claims = jwt.decode(token, key, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["sub"]) == ("http://login.example", "olga")


def test_a_provider_that_starts_anew_with_the_same_key_publishes_the_same_one(tmp_path: Path) -> None:
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))

    published = [provider_app("http://login.example", key_file).test_client().get("/jwks").json for _ in range(2)]
    of_its_own = provider_app("http://login.example").test_client().get("/jwks").json

    assert published[0] == published[1]
    assert published[0]["keys"][0]["kid"]
    assert "d" not in published[0]["keys"][0]
    assert of_its_own != published[0]
