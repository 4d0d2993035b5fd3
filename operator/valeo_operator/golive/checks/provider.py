"""Checks of the identity provider."""

from typing import Any, Final

from valeo_operator.api.golive import Environment
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

_OK: Final = 200
_SIGNING_KINDS: Final = frozenset({"RSA", "EC", "OKP"})


def expected_issuer(facts: Facts) -> str:
    """The issuer that tokens must name."""
    auth = facts.erp.spec.auth
    if auth.issuer:
        return auth.issuer
    return auth.development_provider.public_url if auth.development_provider else ""


def discovery(facts: Facts) -> Outcome:
    """The provider is there, is the configured one, and is fit for production."""
    reply = facts.discovery
    if reply.problem:
        return unknown(f"The identity provider could not be asked: {reply.problem}.", "Look at the identity provider.")
    told: Any = reply.json
    if reply.status != _OK or not isinstance(told, dict):
        return failed(
            f"The discovery document answers HTTP {reply.status} and no JSON object.",
            "Set spec.auth.issuer to the issuer of the provider, as its discovery document names it.",
            status=reply.status,
        )
    if told.get("issuer") != expected_issuer(facts):
        return failed(
            "The discovery document names another issuer than spec.auth: every token would be refused.",
            "Set spec.auth.issuer to the issuer of the provider, letter by letter.",
            expected=expected_issuer(facts),
        )
    if facts.erp.spec.auth.development_provider and facts.environment is Environment.PRODUCTION:
        return failed(
            "The development provider answers: it lets everybody in without a password.",
            "Set spec.auth.issuer to a real provider and take spec.auth.developmentProvider away.",
            issuer=expected_issuer(facts),
        )
    return passed("The provider is there and names the configured issuer.", issuer=expected_issuer(facts))


def jwks(facts: Facts) -> Outcome:
    """The keys by which tokens are checked can be fetched."""
    reply = facts.keys
    if reply.problem:
        return unknown(f"The keys of the provider could not be fetched: {reply.problem}.", "Look at the provider.")
    keys = reply.json.get("keys") if isinstance(reply.json, dict) else None
    if reply.status != _OK or not isinstance(keys, list):
        return failed(
            f"The address of the keys answers HTTP {reply.status} and no set of keys.",
            "Look at jwks_uri in the discovery document of the provider.",
            status=reply.status,
        )
    signing = [each for each in keys if isinstance(each, dict) and _signs(each)]
    if not signing:
        return failed("The set of keys holds none that signs.", "Give the provider a signing key.", keys=len(keys))
    kinds = sorted({str(each["kty"]) for each in signing})
    return passed(f"The set of keys holds {len(signing)} that sign.", signing_keys=len(signing), kinds=kinds)


def _signs(key: dict[str, Any]) -> bool:
    return key.get("kty") in _SIGNING_KINDS and key.get("use", "sig") == "sig"
