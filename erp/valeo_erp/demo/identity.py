"""`valeo-erp identity`: a real OpenID Connect provider for demonstrations and tests, where nobody has a password.

The package behind it names its issuer after the Host header of each request. Browsers and the ERP come by different
hosts, so every request is given the public origin first: issuer and addresses are always the public ones.
"""

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from valeo_erp.demo.people import PEOPLE

logger = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_FORWARDED = ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PORT")


class PublicOrigin:
    """Answers every request as if it had come by the public address."""

    def __init__(self, app: WsgiApp, public_url: str) -> None:
        self._app = app
        self._public = urlsplit(public_url)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        for name in _FORWARDED:
            environ.pop(name, None)
        environ["wsgi.url_scheme"] = self._public.scheme
        environ["HTTP_HOST"] = self._public.netloc
        return self._app(environ, start_response)


def provider_app(public_url: str, key_file: Path | None = None) -> Any:
    """The provider's WSGI application with our people, without its debugger.

    Args:
        public_url: its issuer.
        key_file: PEM of the RSA key that it signs with, so that tokens outlive the process; None makes a new one.
    """
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP on the own machine is what this provider is for
    import authlib.deprecate  # noqa: PLC0415, F401 - sets a warnings filter when it is first imported

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own use of names that its libraries will drop
        import oidc_provider_mock  # noqa: PLC0415 - installed only where this command is used

    people = [
        oidc_provider_mock.User(sub=person["sub"], claims={k: v for k, v in person.items() if k != "sub"})
        for person in PEOPLE
    ]
    app = oidc_provider_mock.app(user_claims=people)
    app.debug = False
    if key_file is not None:
        _sign_with(key_file, app)
    inner = app.wsgi_app
    while hasattr(inner, "app"):  # the interactive debugger, or what believes forwarding headers
        inner = inner.app
    app.wsgi_app = PublicOrigin(inner, public_url)
    return app


def _sign_with(key_file: Path, app: Any) -> None:
    """The package knows no option for its key: every request finds it in the package's own storage.

    Whose class the key is of differs between the package's versions for Python 3.11 and for later ones.
    """
    import flask  # noqa: PLC0415

    pem = key_file.read_bytes()

    @app.before_request  # type: ignore[untyped-decorator]
    def use_key() -> None:
        storage = flask.g.oidc_provider_mock_storage
        storage.jwk = type(storage.jwk).import_key(pem)


def run(public_url: str, host: str, port: int, key_file: Path | None = None) -> int:
    """Serve the provider until SIGTERM or SIGINT."""
    from werkzeug.serving import make_server  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _end)
    server = make_server(host, port, provider_app(public_url, key_file), threaded=True)
    for talkative in ("werkzeug", "oidc_provider_mock"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    logger.warning(
        "DEVELOPMENT IDENTITY PROVIDER: anybody can sign in as anybody", extra={"issuer": public_url, "port": port}
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        logger.info("The development identity provider ends")
    finally:
        server.server_close()
    return 0


def _end(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
