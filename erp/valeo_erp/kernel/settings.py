"""The settings of one process, read once at the composition root from `VALEO_*` variables and mounted files."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL


class CredentialsMissingError(RuntimeError):
    """A mounted credential file is absent or empty."""


class Credentials:
    """A mounted Secret with the files `username`, `password` and `version`.

    Read at each call, so that a rotated Secret is picked up by new connections. Never printed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def _read(self, name: str) -> str:
        path = self._directory / name
        try:
            value = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            value = ""
        if not value:
            message = f"The credential file {path} is missing or empty: mount the Secret that holds {name!r}"
            raise CredentialsMissingError(message)
        return value

    @property
    def username(self) -> str:
        """The login role."""
        return self._read("username")

    @property
    def password(self) -> str:
        """The password of the login role."""
        return self._read("password")

    @property
    def version(self) -> str:
        """The version that the owner of the Secret gave this credential; shown by `/readyz`."""
        return self._read("version")

    @property
    def kind(self) -> str:
        """`migrator` or `application`: which grants the login gets from `valeo-erp provision`."""
        return self._read("kind")

    def __repr__(self) -> str:
        return f"Credentials({self._directory})"


def _key_in(path: Path) -> bytes | None:
    """The key of a file in hex; None if the file is absent or holds less than 128 bits."""
    text = path.read_text(encoding="ascii").strip() if path.is_file() else ""
    return bytes.fromhex(text) if len(text) >= 32 else None  # noqa: PLR2004 - 128 bits in hex


def _keys_before(path: Path) -> tuple[bytes, ...]:
    """The keys that a key took the place of, the newest first: files of its name with a number."""
    numbered = [each for each in path.parent.glob(f"{path.name}.*") if each.suffix[1:].isdecimal()]
    found = (_key_in(each) for each in sorted(numbered, key=lambda each: int(each.suffix[1:]), reverse=True))
    return tuple(key for key in found if key is not None)


class Settings(BaseSettings):
    """Everything that differs from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="VALEO_", frozen=True, extra="ignore")

    database_host: str = Field("127.0.0.1", description="Host name, or a comma-separated list for failover")
    database_port: int = Field(5432, ge=1, le=65535)
    database_name: str = "valeo"
    database_sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    database_ca_file: Path | None = Field(None, description="PEM file of the authority that signed the server")
    database_credentials_dir: Path = Path("/etc/valeo/database")
    database_pool_size: int = Field(12, ge=1, le=200)
    database_prepared_statements: bool = Field(
        default=True,
        description="False behind a pooler that can not keep them; it must keep sessions (row-level security)",
    )
    admin_credentials_dir: Path = Path("/etc/valeo/admin")
    owner_credentials_dir: Path = Path("/etc/valeo/migrator")
    login_credentials_dirs: str = Field("", description="Colon-separated directories of logins to provision")
    keys_dir: Path = Path("/etc/valeo/keys")
    smoke_dir: Path = Field(Path("/etc/valeo/smoke"), description="Holds `key`, with which smoke tests sign in")

    handbook_dir: Path = Field(Path("/usr/share/valeo-erp/docs"), description="Documents that `/handbook` shows")

    golive_dir: Path = Field(Path("/etc/valeo/golive"), description="Holds `gates.json`, which the operator writes")

    release_id: str = "local"
    colour: Literal["blue", "green", "none"] = "none"
    public_url: str = "http://127.0.0.1:8080"
    active_url: str | None = Field(
        None, description="Of the Service that users reach; background work runs while it leads to this release"
    )

    oidc_issuer: str = "http://127.0.0.1:8081"
    oidc_audience: str = "valeo-erp"
    oidc_internal_url: str | None = Field(None, description="Origin at which this process reaches the issuer")
    oidc_client_secret_file: Path | None = None
    oidc_roles_claim: str = Field("roles", description="Dotted path; several with commas, such as `roles,groups`")
    oidc_role_map: str = Field("", description="What the provider calls a role, such as `Valeo-Buchhaltung=accountant`")
    oidc_tenant_claim: str = "tenant"
    development_provider: bool = False
    identity_key_file: Path | None = Field(
        None, description="PEM file with the RSA key of `valeo-erp identity`; without it a new one at each start"
    )

    rate_limits: str = Field(
        "",
        description="Such as `requests=100/minute, exports=10/minute, restore=5/minute, open=600/minute`, over all "
        "replicas (`open`: for each process); what is left out is as here, twelve times so beside the development "
        "provider",
    )
    body_limit_bytes: int = Field(1_000_000, ge=1_000)
    attachment_limit_bytes: int = Field(5_000_000, ge=1_000, le=50_000_000, description="Of one file at a document")
    request_timeout_seconds: float = 20.0
    long_request_timeout_seconds: float = Field(600.0, description="For exports, and for verifying the whole journal")
    sse_heartbeat_seconds: float = 15.0
    print_workers: int = Field(2, ge=1, le=16)
    print_warm: bool = Field(default=True, description="Start the print workers with the process")
    otlp_url: str | None = Field(None, description="Where traces go, without `/v1/traces`; none are made without it")
    trace_share: float = Field(1.0, ge=0, le=1, description="Share of the traces that begin here and are kept")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @cached_property
    def application_credentials(self) -> Credentials:
        """The login of the serving process."""
        return Credentials(self.database_credentials_dir)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def secure_cookies(self) -> bool:
        """Cookies are `Secure` wherever users come by https."""
        return self.public_url.startswith("https://")

    def session_keys(self) -> tuple[bytes, ...]:
        """The keys for cookies: the first one signs, all of them verify.

        The file `session` holds the one that signs, `session.1` and so on those that it took the place of.

        Raises:
            CredentialsMissingError: the file `session` is absent or shorter than 32 hex digits.
        """
        path = self.keys_dir / "session"
        key = _key_in(path)
        if key is None:
            raise CredentialsMissingError(f"{path} must hold at least 32 hex digits; mount the Secret with the keys")
        return key, *_keys_before(path)

    def verification_keys(self) -> tuple[bytes, ...]:
        """The keys for the codes on papers: the first one makes codes, all of them know old ones.

        An installation without the file `verification` makes codes with its session key, as all once did. Those are
        known for ever, by every session key that is there.

        Raises:
            CredentialsMissingError: as of `session_keys`.
        """
        path, sessions = self.keys_dir / "verification", self.session_keys()
        key = _key_in(path)
        before = (*_keys_before(path), *sessions)
        return before if key is None else (key, *before)

    def smoke_key(self) -> bytes | None:
        """The key of the smoke tests, read at each use; None where there is none, and then nobody can use it."""
        return _key_in(self.smoke_dir / "key")

    def database_url(self, credentials: Credentials, database: str | None = None) -> URL:
        """The SQLAlchemy URL for one login, without options that asyncpg takes as arguments."""
        return URL.create(
            "postgresql+asyncpg",
            username=credentials.username,
            password=credentials.password,
            host=self.database_host,
            port=self.database_port,
            database=database or self.database_name,
        )
