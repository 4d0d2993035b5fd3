"""PostgreSQL: the metadata that all tables belong to, and the engine of one process."""

import ssl
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, cast

import asyncpg
from sqlalchemy import AdaptedConnection, MetaData, PoolProxiedConnection, PoolResetState, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from valeo_erp.kernel.settings import Credentials, Settings
from valeo_erp.kernel.tenancy import command_for, current_tenant

SCHEMA = "valeo"
CONNECT_TIMEOUT_SECONDS = 2.0
IDLE_SECONDS_BEFORE_CHECK = 1.0
_USED_AT = "valeo_used_at"
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver says of a session that the server ended, depending on the moment."""
_TENANT = "valeo_tenant"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def tls(settings: Settings) -> ssl.SSLContext | str | bool:
    """What asyncpg is told about TLS: `verify-*` with the configured authority, else libpq's word."""
    match settings.database_sslmode:
        case "disable":
            return False
        case "prefer" | "require":
            return settings.database_sslmode
        case "verify-ca" | "verify-full":
            context = ssl.create_default_context(cafile=settings.database_ca_file)
            context.check_hostname = settings.database_sslmode == "verify-full"
            return context


def connector(
    settings: Settings, credentials: Credentials, application: str, **server_settings: str
) -> Callable[[], Awaitable[asyncpg.Connection]]:
    """A function that opens one connection with the credentials of that moment.

    Args:
        settings: where the server is.
        credentials: read at every call, so that a rotated Secret is used by the next connection.
        application: shown in `pg_stat_activity`.
        server_settings: further settings of the session.
    """

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                host=settings.database_host.split(",") if "," in settings.database_host else settings.database_host,
                port=settings.database_port,
                user=credentials.username,
                password=credentials.password,
                database=settings.database_name,
                ssl=tls(settings),
                timeout=CONNECT_TIMEOUT_SECONDS,
                target_session_attrs="read-write",
                statement_cache_size=100 if settings.database_prepared_statements else 0,
                server_settings={
                    "application_name": application,
                    "search_path": SCHEMA,
                    "timezone": "UTC",
                    "idle_in_transaction_session_timeout": "30s",
                    **server_settings,
                },
            )
        except asyncpg.TargetServerAttributeNotMatched as error:
            # Neither an error of the server nor of its interface in asyncpg, so that nobody who waits would try again.
            raise ConnectionError("The server is recovering and takes no writes yet") from error

    return connect


def create_engine(settings: Settings) -> AsyncEngine:
    """The pool of the serving process.

    Connections are checked before use, so that a failed-over server costs no user a request. A request that
    finds no free connection within two seconds is answered 503.
    """
    options: dict[str, Any] = {}
    if not settings.database_prepared_statements:
        options["prepared_statement_cache_size"] = 0
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connector(
            settings,
            settings.application_credentials,
            f"valeo-erp {settings.colour} {settings.release_id}"[:60],
            statement_timeout="15s",
            lock_timeout="3s",
        ),
        connect_args=options,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_use_lifo=True,
    )
    _check_before_use(engine)
    _tell_the_tenant(engine)
    _roll_back_what_was_left(engine)
    return engine


def _check_before_use(engine: AsyncEngine) -> None:
    """A connection that the server closed, or that is idle for a while and answers no more, is replaced unseen.

    SQLAlchemy's own check costs three round trips every time (begin, ping, rollback); the socket of a connection that
    was used a moment ago tells the same for nothing.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        adapted = cast("AdaptedConnection", connection)
        used_at = record.info.get(_USED_AT)
        if adapted.driver_connection.is_closed():
            raise DisconnectionError("The server closed the connection")
        if used_at is not None and monotonic() - used_at > IDLE_SECONDS_BEFORE_CHECK:
            try:
                adapted.run_async(lambda driver: driver.execute("select 1", timeout=CONNECT_TIMEOUT_SECONDS))
            except _LOST as error:
                raise InvalidatePoolError("The connection does not answer any more") from error


def _tell_the_tenant(engine: AsyncEngine) -> None:
    """A connection that worked for another tenant is told the present one; that costs nothing while it stays the same.

    The setting belongs to the session: a pooler that gives every transaction another one can not stand in between.
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def tell(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        tenant_id = current_tenant()
        if record.info.get(_TENANT) != tenant_id:
            record.info.pop(_TENANT, None)
            adapted = cast("AdaptedConnection", connection)
            command = command_for(tenant_id)
            try:
                adapted.run_async(lambda driver: driver.execute(command, timeout=CONNECT_TIMEOUT_SECONDS))
            except _LOST as error:  # new connections are lost, too: another one at once would have no better luck
                raise DBAPIError(command, None, error, hide_parameters=True, connection_invalidated=True) from error
            record.info[_TENANT] = tenant_id


def _roll_back_what_was_left(engine: AsyncEngine) -> None:
    """Transactions that `Transaction` began itself and did not commit end when the connection comes back."""

    @event.listens_for(engine.sync_engine, "reset")
    def roll_back(connection: DBAPIConnection, _: ConnectionPoolEntry, state: PoolResetState) -> None:
        adapted = cast("AdaptedConnection", connection)
        driver = adapted.driver_connection
        if state.asyncio_safe and not driver.is_closed() and driver.is_in_transaction():
            adapted.run_async(lambda driver: driver.execute("rollback"))
