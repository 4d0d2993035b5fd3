"""What a release is made of: configuration, request, and its record. Pure.

Everything that stands in a pod of the ERP is part of the release, so that a rollback brings all of it back; only the
number of pods is not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import ValeoERPSpec
from valeo_operator.api.valeorelease import BreakingStep
from valeo_operator.cluster.objects import Object, fingerprint
from valeo_operator.credentials.in_use import keys_in_use, login_in_use
from valeo_operator.databases.desired import connection
from valeo_operator.identity.desired import internal_url
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import REQUEST_LABEL, RETRY_ANNOTATION, Component, Names
from valeo_operator.network.desired import SERVICE_PORT

CREDENTIALS_DIR: Final = "/etc/valeo/database"
CA_DIR: Final = "/etc/valeo/database-ca"
KEYS_DIR: Final = "/etc/valeo/keys"
SMOKE_DIR: Final = "/etc/valeo/smoke"
GOLIVE_DIR: Final = "/etc/valeo/golive"
CLIENT_SECRET_DIR: Final = "/etc/valeo/oidc"  # noqa: S105 - a folder
POD_KEY: Final = "pod.json"
PINNED_ANNOTATION: Final = "valeoerp.io/pinned-image"


@dataclass(frozen=True)
class Wanted:
    """What the spec asks for. Two equal wishes have the same `request`."""

    image: str
    config: Mapping[str, str]
    secret_versions: Mapping[str, str]
    nonce: str

    @property
    def config_hash(self) -> str:
        """Names the ConfigMap."""
        return fingerprint(self.config)

    @property
    def request(self) -> str:
        """Names the wish. A new retry nonce makes it another one: everything is done anew under new names."""
        return fingerprint([self.image, self.config, self.secret_versions, self.nonce])


def wanted(facts: Facts) -> Wanted:
    """The release that the spec and the Secrets of this moment ask for."""
    erp = facts.erp
    login = login_in_use(erp, facts.names)
    keys = keys_in_use(erp, facts.names)
    used = (login, keys, *_client_secret(erp.spec))
    versions = {name: facts.secrets[name].version for name in used if name in facts.secrets}
    nonce = erp.metadata.annotations.get(RETRY_ANNOTATION) or erp.status.acts.retry or ""
    return Wanted(erp.spec.image, _config(erp.spec, facts.names, login, keys), versions, nonce)


def _client_secret(spec: ValeoERPSpec) -> list[str]:
    return [spec.auth.client_secret.name] if spec.auth.client_secret else []


def _config(spec: ValeoERPSpec, names: Names, login: str, keys: str) -> dict[str, str]:
    way = connection(spec, names)
    return {
        "VALEO_DATABASE_HOST": way.host,
        "VALEO_DATABASE_PORT": str(way.port),
        "VALEO_DATABASE_NAME": way.name,
        "VALEO_DATABASE_SSLMODE": way.ssl_mode,
        "VALEO_DATABASE_CREDENTIALS_DIR": CREDENTIALS_DIR,
        "VALEO_KEYS_DIR": KEYS_DIR,
        "VALEO_SMOKE_DIR": SMOKE_DIR,
        "VALEO_GOLIVE_DIR": GOLIVE_DIR,
        "VALEO_PUBLIC_URL": spec.public_address,
        "VALEO_ACTIVE_URL": f"http://{names.active_service}.{names.namespace}.svc:{SERVICE_PORT}",
        **({"VALEO_DATABASE_CA_FILE": f"{CA_DIR}/ca.crt"} if way.ca_secret else {}),
        **_sign_in(spec, names),
        **_tracing(spec),
        POD_KEY: json.dumps(_pod_settings(spec, login, way.ca_secret) | _rotated(keys, names), sort_keys=True),
    }


def _tracing(spec: ValeoERPSpec) -> dict[str, str]:
    if spec.tracing is None:
        return {}
    share = Decimal(spec.tracing.share.removesuffix("%")) / 100
    return {"VALEO_OTLP_URL": spec.tracing.otlp_url, "VALEO_TRACE_SHARE": str(min(share, Decimal(1)))}


def _sign_in(spec: ValeoERPSpec, names: Names) -> dict[str, str]:
    auth = spec.auth
    config = {
        "VALEO_OIDC_AUDIENCE": auth.audience,
        "VALEO_OIDC_ROLES_CLAIM": auth.roles_claim,
        "VALEO_OIDC_TENANT_CLAIM": auth.tenant_claim,
    }
    if auth.development_provider:
        config["VALEO_OIDC_ISSUER"] = auth.development_provider.public_url
        config["VALEO_OIDC_INTERNAL_URL"] = internal_url(names)
        config["VALEO_DEVELOPMENT_PROVIDER"] = "true"
        return config
    config["VALEO_OIDC_ISSUER"] = auth.issuer or ""
    if auth.internal_url:
        config["VALEO_OIDC_INTERNAL_URL"] = auth.internal_url
    if auth.client_secret:
        config["VALEO_OIDC_CLIENT_SECRET_FILE"] = f"{CLIENT_SECRET_DIR}/{auth.client_secret.key}"
    return config


def _pod_settings(spec: ValeoERPSpec, login: str, authority: str | None) -> dict[str, Any]:
    """What a pod needs beside the environment, kept with it: the spec may have moved on when the pod is built again."""
    client = spec.auth.client_secret
    return {
        "imagePullPolicy": spec.image_pull_policy.value,
        "resources": spec.resources.to_object(),
        "loginSecret": login,
        "caSecret": authority,
        "clientSecret": client.name if client else None,
    }


def _rotated(keys: str, names: Names) -> dict[str, str]:
    """Named only where they are not the first ones: a release from before keys were replaced names none."""
    return {} if keys == names.keys_secret else {"keysSecret": keys}


def config_map(names: Names, config: Mapping[str, str]) -> Object:
    """The immutable configuration of a release, named by its hash."""
    meta = names.metadata(names.config(fingerprint(config)), Component.ERP)
    return {"metadata": meta, "immutable": True, "data": dict(config)}


@dataclass(frozen=True)
class Description:
    """What the image told of itself, and the digest under which the node ran it."""

    version: str
    head_revision: str
    oldest_revision: str
    digest: str
    repository: str
    chain: tuple[str, ...] = ()
    breaking: tuple[BreakingStep, ...] = ()
    smoke_tests: tuple[str, ...] = ()

    def pinned(self, image: str) -> str | None:
        """The image by digest, if the node had it from the repository that the spec names; then a registry knows it."""
        repository = repository_of(image)
        return (
            f"{repository}@{self.digest}"
            if self.repository in {repository, f"docker.io/library/{repository}"}
            else None
        )


def repository_of(image: str) -> str:
    """An image reference without tag and digest."""
    name = image.partition("@")[0]
    head, _, tail = name.rpartition(":")
    return head if head and "/" not in tail else name


def record(facts: Facts, wish: Wanted, told: Description, colour: Colour) -> Object:
    """The release as it is written down, once."""
    names = facts.names
    meta = names.metadata(names.release(wish.request, colour), Component.ERP)
    meta["labels"] |= {REQUEST_LABEL: wish.request}
    pinned = told.pinned(wish.image)
    if pinned:
        meta["annotations"] = {PINNED_ANNOTATION: pinned}
    spec = {
        "installation": names.name,
        "version": told.version,
        "image": wish.image,
        "digest": told.digest,
        "configHash": wish.config_hash,
        "secretVersions": dict(wish.secret_versions),
        "schemaRevision": told.head_revision,
        "oldestSchemaRevision": told.oldest_revision,
        "schemaChain": list(told.chain),
        "breakingSteps": [each.to_object() for each in told.breaking],
        "smokeTests": list(told.smoke_tests),
        "colour": colour.value,
        "requestedBy": facts.requested_by,
    }
    return {"metadata": meta, "spec": spec}
