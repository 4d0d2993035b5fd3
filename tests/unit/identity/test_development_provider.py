"""The development identity provider always speaks from its public address."""

from typing import Any

from valeo_erp.demo.identity import PublicOrigin
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
