"""The Jobs describe, provision, migrate, smoke, rotate and look. Their names say what for, and which attempt. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from valeo_operator.api.valeoerp import ValeoERPSpec
from valeo_operator.cluster.objects import Object, fingerprint
from valeo_operator.databases.desired import connection
from valeo_operator.errands.job import RESULT, attempt_of, database_environment, hardened, pod_of, secret_mounts
from valeo_operator.installations.names import Names
from valeo_operator.network.desired import SERVICE_PORT

_CREDENTIALS: Final = "/etc/valeo"


class Errand(StrEnum):
    """What a Job is sent for; the word is also the subcommand of the ERP image."""

    DESCRIBE = "describe"
    PROVISION = "provision"
    MIGRATE = "migrate"
    SMOKE = "smoke"
    ROTATE = "rotate"
    LOOK = "look"


# A Job that takes longer is ended and sent again. A migration may rewrite a large table; the others are short.
TIME_LIMITS: Final = {
    Errand.DESCRIBE: 60,
    Errand.PROVISION: 120,
    Errand.MIGRATE: 1800,
    Errand.SMOKE: 180,
    Errand.ROTATE: 120,
    Errand.LOOK: 300,
}


@dataclass(frozen=True)
class Order:
    """One errand of one release. Equal orders have the same key, so no attempt is ever made twice."""

    errand: Errand
    image: str
    pull_policy: str
    secrets: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    salt: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells this order from every other one."""
        parts = [self.errand, self.image, self.pull_policy, self.secrets, self.environment, self.salt]
        parts += [self.arguments] if self.arguments else []
        return f"{self.errand.value}-{fingerprint(parts)}"

    def job_name(self, names: Names, attempt: int) -> str:
        """Name of the Job of one attempt."""
        return f"{names.name}-{self.key}-{attempt}"


def describe(spec: ValeoERPSpec, salt: str) -> Order:
    """Ask the image what it is. It needs no database."""
    return Order(Errand.DESCRIBE, spec.image, spec.image_pull_policy.value, salt=salt)


def provision(spec: ValeoERPSpec, names: Names, image: str, salt: str, application: tuple[str, ...]) -> Order:
    """Make roles, database and grants, as the superuser of the embedded database. `application`: its logins."""
    return _as_administrator(Errand.PROVISION, spec, names, image, (names.migrator_secret, *application), salt)


def rotate(spec: ValeoERPSpec, names: Names, image: str, salt: str, words: tuple[str, ...], *logins: str) -> Order:
    """One step of the change of a login, as the superuser. `words`: the step; `logins`: the Secrets that it needs."""
    order = _as_administrator(Errand.ROTATE, spec, names, image, logins, salt)
    return replace(order, arguments=words)


def _as_administrator(
    errand: Errand, spec: ValeoERPSpec, names: Names, image: str, logins: tuple[str, ...], salt: str
) -> Order:
    folders = [f"{_CREDENTIALS}/{secret}" for secret in logins]
    environment = {
        **database_environment(connection(spec, names)),
        "VALEO_ADMIN_CREDENTIALS_DIR": f"{_CREDENTIALS}/{names.admin_secret}",
        "VALEO_LOGIN_CREDENTIALS_DIRS": ":".join(folders),
    }
    return _with_secrets(errand, spec, image, (names.admin_secret, *logins), environment, salt)


def migrate(spec: ValeoERPSpec, names: Names, image: str, salt: str) -> Order:
    """Bring the schema to the revision of the image, as the owner of the schema."""
    return _as_owner(Errand.MIGRATE, spec, names, image, salt)


def look(spec: ValeoERPSpec, names: Names, image: str, salt: str) -> Order:
    """Read how the inside of the database is: only the owner sees the rows of every tenant."""
    return _as_owner(Errand.LOOK, spec, names, image, salt)


def _as_owner(errand: Errand, spec: ValeoERPSpec, names: Names, image: str, salt: str) -> Order:
    way = connection(spec, names)
    secrets = (way.migrator_secret, *([way.ca_secret] if way.ca_secret else []))
    environment = {**database_environment(way), "VALEO_OWNER_CREDENTIALS_DIR": f"{_CREDENTIALS}/{way.migrator_secret}"}
    return _with_secrets(errand, spec, image, secrets, environment, salt)


def smoke(spec: ValeoERPSpec, names: Names, image: str, release_name: str, salt: str) -> Order:
    """Run the smoke tests of the release through the preview Service."""
    url = f"http://{names.preview_service}.{names.namespace}.svc:{SERVICE_PORT}"
    folder = f"{_CREDENTIALS}/{names.smoke_secret}"
    return Order(
        Errand.SMOKE,
        image,
        spec.image_pull_policy.value,
        secrets=((names.smoke_secret, folder),),
        environment=(("VALEO_SMOKE_DIR", folder),),
        salt=salt,
        arguments=("--url", url, "--release", release_name),
    )


def _with_secrets(
    errand: Errand, spec: ValeoERPSpec, image: str, secrets: tuple[str, ...], environment: dict[str, str], salt: str
) -> Order:
    mounts = tuple((secret, f"{_CREDENTIALS}/{secret}") for secret in secrets)
    return Order(errand, image, spec.image_pull_policy.value, mounts, tuple(sorted(environment.items())), salt)


def job(order: Order, attempt: int, names: Names) -> Object:
    """The Job of one attempt."""
    mounts, volumes = secret_mounts(order.secrets)
    result = [] if order.errand is Errand.PROVISION else ["--result", RESULT]
    container = hardened(
        order.errand.value,
        order.image,
        order.pull_policy,
        [order.errand.value, *order.arguments, *result],
        dict(order.environment),
        mounts,
        {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
    )
    return attempt_of(
        order.job_name(names, attempt), order.key, attempt, TIME_LIMITS[order.errand], names, pod_of(container, volumes)
    )
