"""Which Secrets of an installation are in use, which are still good, and what the next one is called. Pure."""

from valeo_operator.api.rotation import CredentialStatus, RotationPhase, RotationStatus
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.installations.names import Names


def told_of_database(erp: ValeoERP) -> CredentialStatus:
    """What was last told of the login of the application."""
    return (erp.status.rotation or RotationStatus()).database or CredentialStatus()


def login_in_use(erp: ValeoERP, names: Names) -> str:
    """The Secret with the login that releases are made with."""
    external = erp.spec.database.external
    if external is not None:
        return external.application_secret
    return told_of_database(erp).secret or names.application_secrets[0]


def open_logins(erp: ValeoERP, names: Names) -> frozenset[str]:
    """The logins of the embedded database, by Secret, that it lets in and goes on to let in."""
    told = told_of_database(erp)
    if told.secret is None:
        return frozenset(names.application_secrets)
    kept = {told.previous} if told.previous and told.phase is not RotationPhase.RETIRING else set()
    return frozenset({told.secret, *kept})


def first_logins(erp: ValeoERP, names: Names) -> tuple[str, ...]:
    """The logins that are made with the installation; from the first rotation on, the one in use alone."""
    told = told_of_database(erp)
    return names.application_secrets if told.secret is None else (told.secret,)


def coming_login(erp: ValeoERP, names: Names) -> str:
    """The Secret of the next login: of the role whose turn it is, with a number that was never used."""
    other = "b" if role_of(login_in_use(erp, names), names).endswith("a") else "a"
    return names.rotated_login(other, told_of_database(erp).version + 1)


def told_of_keys(erp: ValeoERP) -> CredentialStatus:
    """What was last told of the signing keys."""
    return (erp.status.rotation or RotationStatus()).signing_keys or CredentialStatus()


def keys_in_use(erp: ValeoERP, names: Names) -> str:
    """The Secret with the signing keys that releases are made with."""
    return told_of_keys(erp).secret or names.keys_secret


def open_keys(erp: ValeoERP, names: Names) -> frozenset[str]:
    """The Secrets with signing keys that are not retired."""
    told = told_of_keys(erp)
    kept = {told.previous} if told.previous and told.phase is not RotationPhase.RETIRING else set()
    return frozenset({keys_in_use(erp, names), *kept})


def coming_keys(erp: ValeoERP, names: Names) -> str:
    """The Secret of the next signing keys, with a number that was never used."""
    return names.rotated_keys(told_of_keys(erp).version + 1)


def rotating_keys(erp: ValeoERP, names: Names) -> frozenset[str]:
    """Every Secret with signing keys, whether it is there or not."""
    told = told_of_keys(erp)
    named = {told.secret, told.previous, told.coming, coming_keys(erp, names), names.keys_secret}
    return frozenset(name for name in named if name)


def role_of(secret: str, names: Names) -> str:
    """The role at the database that the login in a Secret of ours has."""
    turn = secret.removeprefix(names.application_prefix)[:1]
    return f"valeo_app_{turn}"


def rotating_secrets(erp: ValeoERP, names: Names) -> frozenset[str]:
    """Every Secret that a rotation has to do with, whether it is there or not."""
    if erp.spec.database.external is not None:
        return frozenset()
    told = told_of_database(erp)
    named = {told.secret, told.previous, told.coming, coming_login(erp, names), *names.application_secrets}
    return frozenset(name for name in named if name)
