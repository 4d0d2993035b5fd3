"""Which Secrets are missing: ours are made once, those of the user are waited for. Pure."""

from valeo_operator.api.conditions import Reason
from valeo_operator.cluster.kinds import CLAIMS
from valeo_operator.cluster.objects import name_of
from valeo_operator.credentials.desired import (
    GIVEN_LOGIN_KEYS,
    IDENTITY_KEYS,
    LOGIN_KEYS,
    SIGNING_KEYS,
    SMOKE_KEYS,
    database_logins,
    identity_key,
    signing_keys,
    smoke_key,
)
from valeo_operator.credentials.in_use import first_logins, keys_in_use
from valeo_operator.installations.decisions import Finding, Mint
from valeo_operator.installations.facts import Facts
from valeo_operator.recovery.desired import archiving

_CA_KEYS = frozenset({"ca.crt"})


def required_keys(facts: Facts) -> dict[str, frozenset[str]]:
    """Every Secret that the installation needs, with the keys that must be in it."""
    names, database, auth = facts.names, facts.erp.spec.database, facts.erp.spec.auth
    needed = {keys_in_use(facts.erp, names): SIGNING_KEYS, names.smoke_secret: SMOKE_KEYS}
    if auth.development_provider:
        needed[names.identity_secret] = IDENTITY_KEYS
    if database.external is None:
        logins = (names.admin_secret, names.migrator_secret, *first_logins(facts.erp, names))
        needed |= dict.fromkeys(logins, LOGIN_KEYS)
    else:
        given = (database.external.migrator_secret, database.external.application_secret)
        needed |= dict.fromkeys(given, GIVEN_LOGIN_KEYS)
        needed |= {database.external.ca_secret: _CA_KEYS} if database.external.ca_secret else {}
    if auth.client_secret:
        needed[auth.client_secret.name] = frozenset({auth.client_secret.key})
    return needed


def missing_secrets(facts: Facts) -> tuple[Mint, ...]:
    """The Secrets to make now. The superuser's is not made again for a volume that was opened with the lost one."""
    names = facts.names
    wanted = [signing_keys(names), smoke_key(names)]
    if facts.erp.spec.auth.development_provider:
        wanted.append(identity_key(names))
    if facts.erp.spec.database.external is None:
        wanted += database_logins(names)
    lost_for_good = {names.admin_secret} if _volumes_with_data(facts) else set[str]()
    needed = required_keys(facts).keys() - facts.secrets.keys() - lost_for_good
    return tuple(each for each in wanted if name_of(each.wanted) in needed)


def _volumes_with_data(facts: Facts) -> list[str]:
    """The volumes whose data the superuser's password opens: an empty one is filled from the archive."""
    names, embedded = facts.names, facts.erp.spec.embedded_database
    is_archived = embedded is not None and archiving(embedded) is not None
    volumes = [names.database_volume, *([names.archive_volume] if is_archived else [])]
    return [each for each in volumes if facts.find(CLAIMS, each) is not None]


def absent_credentials(facts: Facts) -> Finding | None:
    """The first Secret that is not there or lacks a key, and that the operator can't make."""
    making = {name_of(each.wanted) for each in missing_secrets(facts)}
    for name, keys in required_keys(facts).items():
        found = facts.secrets.get(name)
        if found is None and name not in making:
            return _missing(name, "it does not exist", keys, facts)
        if found is not None and not keys <= found.keys:
            lacking = ", ".join(sorted(keys - found.keys))
            return _missing(name, f"it lacks the keys {lacking}", keys, facts)
    return None


def _missing(name: str, observed: str, keys: frozenset[str], facts: Facts) -> Finding:
    next_step = f"create Secret {name} in namespace {facts.names.namespace} with these keys"
    if name == facts.names.admin_secret:
        volumes = " and ".join(_volumes_with_data(facts))
        next_step = (
            f"put Secret {name} back from your copy: the volume {volumes} was made with it,"
            " and the operator will not guess another password for existing data"
        )
    return Finding(
        reason=Reason.SECRET_MISSING,
        subject=f"Secret/{name}",
        observed=observed,
        expected=f"a Secret with the keys {', '.join(sorted(keys))}",
        next_step=next_step,
        blocking=True,
    )
