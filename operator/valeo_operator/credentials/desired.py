"""The Secrets in their final form, without the random values. Pure.

Logins and signing keys have no owner reference: the data in the volume can't be opened without them, so they stay when
the resource goes.
"""

import base64

from valeo_operator.cluster.objects import Object
from valeo_operator.credentials.in_use import role_of
from valeo_operator.credentials.succession import PURPOSES, coming
from valeo_operator.installations.decisions import Copy, Mint, SucceedKeys
from valeo_operator.installations.names import Component, Names

LOGIN_KEYS = frozenset({"username", "password", "version", "kind"})
GIVEN_LOGIN_KEYS = frozenset({"username", "password"})
SIGNING_KEYS = frozenset({"session"})
SMOKE_KEYS = frozenset({"key"})
IDENTITY_KEY = "key.pem"
IDENTITY_KEYS = frozenset({IDENTITY_KEY})


def database_logins(names: Names) -> tuple[Mint, ...]:
    """The logins of the embedded database: superuser, migrator, and two of the application that take turns."""
    return (
        _login(names, names.admin_secret, "postgres", "admin"),
        _login(names, names.migrator_secret, "valeo_migrator", "migrator"),
        *(_login(names, each, role_of(each, names), "application") for each in names.application_secrets),
    )


def signing_keys(names: Names) -> Mint:
    """What the ERP signs sessions with, and what it makes the codes on papers with."""
    secret = _secret(names, names.keys_secret, Component.ERP, {"version": "1"})
    return Mint(secret, random_keys=(*PURPOSES, *map(coming, PURPOSES)))


def next_keys(names: Names, name: str, version: int, before: str, *, emergency: bool) -> SucceedKeys:
    """The signing keys that take the place of those in the Secret `before`."""
    return SucceedKeys(_secret(names, name, Component.ERP, {"version": str(version)}), before, emergency=emergency)


def standing_keys(names: Names, source: str) -> Copy:
    """The keys in use under the name of the first ones: whoever knows nothing of rotations finds all of them there."""
    return Copy(_secret(names, names.keys_secret, Component.ERP, {}), source)


def smoke_key(names: Names) -> Mint:
    """What the smoke tests sign in with. It opens no customer's data and nothing is lost with it, so it goes along."""
    secret = _secret(names, names.smoke_secret, Component.ERP, {"version": "1"}, owned=True)
    return Mint(secret, random_keys=("key",))


def identity_key(names: Names) -> Mint:
    """What the development identity provider signs with: a sign-in outlives its pod and the release."""
    secret = _secret(names, names.identity_secret, Component.IDENTITY, {"version": "1"}, owned=True)
    return Mint(secret, rsa_keys=(IDENTITY_KEY,))


def next_login(names: Names, name: str, version: int) -> Mint:
    """Another login of the application. It is never changed: what comes after it has another name."""
    minted = _login(names, name, role_of(name, names), "application", version)
    return Mint({**minted.wanted, "immutable": True}, minted.random_keys)


def _login(names: Names, name: str, username: str, kind: str, version: int = 1) -> Mint:
    given = {"username": username, "version": str(version), "kind": kind}
    return Mint(_secret(names, name, Component.DATABASE, given), random_keys=("password",))


def _secret(names: Names, name: str, component: Component, values: dict[str, str], *, owned: bool = False) -> Object:
    return {
        "metadata": names.metadata(name, component, owned=owned),
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }
