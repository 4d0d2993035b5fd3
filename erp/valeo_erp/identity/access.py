"""The dependencies that routes declare: who may come in, with which scope, to read or to write.

Every route states its scope with `reading(scope)` or `writing(scope)`; a test walks all routes and fails on one that
does not.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.identity import smoke
from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.tenancy import act_for
from valeo_erp.kernel.unit_of_work import Transaction, UnitOfWork
from valeo_erp.ratelimits.allowance import Asker, LimitKind, kind_of
from valeo_erp.ratelimits.headers import STATE
from valeo_erp.ratelimits.service import RateLimiter


class Authenticator(Protocol):
    """Turns the credentials of a request into a principal."""

    async def authenticate(self, request: Request) -> Principal:
        """The verified caller.

        Raises:
            Problem: 401 with the reason.
        """
        ...


@dataclass(frozen=True)
class Reading:
    """What a read gets: a connection in autocommit, who asks, and when."""

    connection: AsyncConnection
    principal: Principal
    at: datetime

    @property
    def tenant_id(self) -> UUID:
        """The only tenant whose rows may be read."""
        return self.principal.tenant_id


async def authenticated(request: Request, scope: Scope) -> Principal:
    """The caller, who has the scope. Not counted against any limit: for streams, which ask again and again.

    Raises:
        Problem: 401 without valid credentials, 403 naming the missing scope.
    """
    principal = await _known(request)
    require(principal, scope)
    return principal


async def admitted(request: Request, scope: Scope, limit: LimitKind | None = None) -> Principal:
    """The caller, who has the scope and is within the limits.

    Raises:
        Problem: as `authenticated`; 429 when the limit is reached.
    """
    principal = await _known(request)
    identity = f"{principal.tenant_id}/{principal.subject}"
    await _count(request, limit or kind_of(scope), identity, smoke.asker(principal))
    require(principal, scope)
    return principal


async def _known(request: Request) -> Principal:
    authenticator: Authenticator = request.app.state.services.authenticator
    principal = await authenticator.authenticate(request)
    act_for(principal.tenant_id)
    request.state.principal = principal
    return principal


async def _count(request: Request, kind: LimitKind, identity: str, asker: Asker = Asker.ANYBODY) -> None:
    """Once for each request, however often its transaction is tried."""
    if hasattr(request.state, STATE):
        return
    now = request.app.state.services.clock()
    standing = await _limiter_of(request).take(kind, identity, now, asker)
    setattr(request.state, STATE, standing)


def _limiter_of(request: Request) -> RateLimiter:
    limiter: RateLimiter = request.app.state.services.limiter
    return limiter


async def _count_address(request: Request) -> None:
    await _count(request, LimitKind.OPEN, request.client.host if request.client else "unknown")


def open_to_all() -> Any:
    """For routers whose routes need nobody: counted by the address that asks, in this process alone.

    Behind a proxy that is the proxy's address, so this limit is for all who come through it together.
    """
    return Depends(limiting(_count_address, LimitKind.OPEN))


def require(principal: Principal, scope: Scope) -> None:
    """Let pass who has the scope.

    Raises:
        Problem: 403 naming the missing scope.
    """
    if scope not in principal.scopes:
        roles = ", ".join(sorted(principal.roles)) or "none"
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "scope_missing",
            f"This needs the scope {scope}; the roles of {principal.name} ({roles}) do not give it.",
            facts={"scope": scope.value},
        )


def allowed(scope: Scope, limit: LimitKind | None = None) -> Any:
    """Only the caller, who must have the scope; no database. `limit` is that of the scope unless given.

    Use: `principal: Annotated[Principal, allowed(Scope.SALES_READ)]`.
    """
    kind = limit or kind_of(scope)

    async def dependency(request: Request) -> Principal:
        return await admitted(request, scope, kind)

    return Depends(limiting(declaring(dependency, scope), kind))


def reading(scope: Scope) -> Any:
    """A read by a caller who has the scope.

    Use: `read: Annotated[Reading, reading(Scope.SALES_READ)]`.
    """

    async def dependency(request: Request) -> AsyncIterator[Reading]:
        principal = await admitted(request, scope)
        services = request.app.state.services
        async with services.read_engine.connect() as connection:
            yield Reading(connection, principal, services.clock())

    return Depends(limiting(declaring(dependency, scope), kind_of(scope)), scope="function")


def writing(scope: Scope) -> Any:
    """The one transaction of the request, for a caller who has the scope.

    Use: `transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]` on a router of `TransactionalRoute`s.
    """

    async def dependency(request: Request) -> Transaction:
        principal = await admitted(request, scope)
        work: UnitOfWork = request.state.unit_of_work
        return await work.begin(principal)

    return Depends(limiting(declaring(dependency, scope), kind_of(scope)))


def declaring(dependency: Callable[..., Any], scope: Scope) -> Callable[..., Awaitable[Any]]:
    """Marks the dependency, so that a test can read a route's scope."""
    dependency.required_scope = scope  # type: ignore[attr-defined]
    return dependency


def limiting(dependency: Callable[..., Any], kind: LimitKind) -> Callable[..., Awaitable[Any]]:
    """Marks the dependency, so that a test can read a route's limit."""
    dependency.rate_limit = kind  # type: ignore[attr-defined]
    return dependency
