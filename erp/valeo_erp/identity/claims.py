"""What a verified token says about its bearer, and whether it may be believed. Pure: claims and the time go in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from valeo_erp.identity.scopes import Role
from valeo_erp.kernel.problems import Failure

CLOCK_SKEW = timedelta(seconds=60)
"""How far the clocks of the issuer and of this process may differ."""

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Expected:
    """What this installation believes.

    Attributes:
        issuer: exactly as its discovery document names it.
        audience: the client id of this installation.
        nonce: of the sign-in that asked for the token; None for a bearer token.
    """

    issuer: str
    audience: str
    nonce: str | None = None


@dataclass(frozen=True)
class Bearer:
    """Who a token speaks of.

    Attributes:
        tenant: the slug in the tenant claim, None if there is none.
        expires_at: the `exp` claim.
    """

    subject: str
    name: str
    tenant: str | None
    roles: frozenset[Role]
    expires_at: datetime


def doubts(claims: Mapping[str, Any], expected: Expected, now: datetime) -> list[Failure]:
    """Everything that speaks against a token whose signature is good; empty if it may be believed."""
    found = [_issuer(claims, expected), _audience(claims, expected), _subject(claims), *_validity(claims, now)]
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        found.append(Failure("token_nonce", "The token answers another sign-in than this one.", "nonce"))
    return [failure for failure in found if failure is not None]


def _issuer(claims: Mapping[str, Any], expected: Expected) -> Failure | None:
    if claims.get("iss") == expected.issuer:
        return None
    return Failure("token_issuer", f"The token is not from the issuer {expected.issuer}.", "iss")


def _audience(claims: Mapping[str, Any], expected: Expected) -> Failure | None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.audience in audiences:
        return None
    return Failure("token_audience", f"The token is not meant for {expected.audience}.", "aud")


def _subject(claims: Mapping[str, Any]) -> Failure | None:
    subject = claims.get("sub")
    if isinstance(subject, str) and 0 < len(subject) <= _LONGEST_NAME and subject.isprintable():
        return None
    return Failure("token_subject", "The token names no subject.", "sub")


def _validity(claims: Mapping[str, Any], now: datetime) -> list[Failure]:
    expires_at, not_before = instant(claims.get("exp")), instant(claims.get("nbf", 0))
    failures = []
    if expires_at is None:
        failures.append(Failure("token_expiry_missing", "The token does not say until when it is valid.", "exp"))
    elif expires_at + CLOCK_SKEW <= now:
        failures.append(Failure("token_expired", "The token has expired. Sign in again.", "exp"))
    if not_before is None or not_before - CLOCK_SKEW > now:
        failures.append(Failure("token_not_yet_valid", "The token is not valid yet.", "nbf"))
    return failures


def instant(value: object) -> datetime | None:
    """A NumericDate (RFC 7519: seconds since 1970), None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:  # noqa: PLR2004 - year 5138
        return None
    return datetime.fromtimestamp(value, UTC)


def bearer_of(
    claims: Mapping[str, Any], roles_claim: str, tenant_claim: str, role_map: Mapping[str, Role] = MappingProxyType({})
) -> Bearer:
    """Whom the claims of a believed token speak of. Roles that this trade does not know give nothing.

    Args:
        claims: of a token that raised no doubts.
        roles_claim: dotted paths, such as `realm_access.roles`, with commas between; a list, or words in one text.
        tenant_claim: dotted path.
        role_map: what this provider calls roles; the trade's own names hold as well.
    """
    subject = str(claims["sub"])
    names = (claims.get(name) for name in ("name", "preferred_username", "email"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), subject)
    tenant = at_path(claims, tenant_claim)
    expires_at = instant(claims["exp"])
    if expires_at is None:
        raise ValueError("bearer_of is for claims without doubts")
    return Bearer(
        subject=subject,
        name="".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME] or subject,
        tenant=tenant if isinstance(tenant, str) and tenant else None,
        roles=_roles([at_path(claims, path.strip()) for path in roles_claim.split(",")], role_map),
        expires_at=expires_at,
    )


def at_path(claims: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None if there is none. A claim whose own name has dots comes first."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _roles(values: list[object], role_map: Mapping[str, Role]) -> frozenset[Role]:
    called = {role.value: role for role in Role} | dict(role_map)
    words = [word for value in values for word in _words(value) if isinstance(word, str)]
    return frozenset(called[word] for word in words if word in called)


def _words(value: object) -> list[object]:
    if isinstance(value, str):
        return [value, *value.split()]  # a name of a role may have spaces, and a text may list several
    return value if isinstance(value, list) else []


class RoleMapInvalidError(ValueError):
    """`VALEO_OIDC_ROLE_MAP` does not say what it should."""


def read_role_map(text: str) -> dict[str, Role]:
    """What a provider calls the roles, from a text such as `Valeo-Leitung=manager, 7f3c…=accountant`.

    Raises:
        RoleMapInvalidError: it says what was seen and what is expected.
    """
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    known = set(Role)
    for name, _, role in pairs:
        if not name.strip() or role.strip() not in known:
            raise RoleMapInvalidError(
                f"VALEO_OIDC_ROLE_MAP has {name!r}={role!r}; expected NAME=ROLE with a role of: {', '.join(Role)}"
            )
    return {name.strip(): Role(role.strip()) for name, _, role in pairs}
