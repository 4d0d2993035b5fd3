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

from valeo_erp.identity.scopes import Principal, Scope
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.unit_of_work import Transaction, UnitOfWork


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
    """The caller, who has the scope.

    Raises:
        Problem: 401 without valid credentials, 403 naming the missing scope.
    """
    authenticator: Authenticator = request.app.state.services.authenticator
    principal = await authenticator.authenticate(request)
    request.state.principal = principal
    require(principal, scope)
    return principal


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


def allowed(scope: Scope) -> Any:
    """Only the caller, who must have the scope; no database.

    Use: `principal: Annotated[Principal, allowed(Scope.SALES_READ)]`.
    """

    async def dependency(request: Request) -> Principal:
        return await authenticated(request, scope)

    return Depends(declaring(dependency, scope))


def reading(scope: Scope) -> Any:
    """A read by a caller who has the scope.

    Use: `read: Annotated[Reading, reading(Scope.SALES_READ)]`.
    """

    async def dependency(request: Request) -> AsyncIterator[Reading]:
        principal = await authenticated(request, scope)
        services = request.app.state.services
        async with services.read_engine.connect() as connection:
            yield Reading(connection, principal, services.clock())

    return Depends(declaring(dependency, scope), scope="function")


def writing(scope: Scope) -> Any:
    """The one transaction of the request, for a caller who has the scope.

    Use: `transaction: Annotated[Transaction, writing(Scope.SALES_WRITE)]` on a router of `TransactionalRoute`s.
    """

    async def dependency(request: Request) -> Transaction:
        principal = await authenticated(request, scope)
        work: UnitOfWork = request.state.unit_of_work
        return await work.begin(principal)

    return Depends(declaring(dependency, scope))


def declaring(dependency: Callable[..., Any], scope: Scope) -> Callable[..., Awaitable[Any]]:
    """Marks the dependency, so that a test can read a route's scope."""
    dependency.required_scope = scope  # type: ignore[attr-defined]
    return dependency
