"""One request, one transaction, ended in one place, before the answer leaves.

Routes of writes use `TransactionalRoute`. Their use cases get a `Transaction`, change rows, name what goes into the
audit and the outbox, and never commit. When the route has made its answer, audit, outbox and the remembered result of
the idempotency key are written in one statement, the transaction is committed, and the bell wakes the listeners. A
refusal rolls everything back and leaves one audit entry with its reason.
"""

import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from valeo_erp.identity.scopes import Principal
from valeo_erp.kernel.clock import Clock, business_date
from valeo_erp.kernel.correlation import current_correlation_id
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import Problem, invalid, unavailable
from valeo_erp.kernel.statements import Statement, command, json_text
from valeo_erp.kernel.tenancy import acting_for

IDEMPOTENCY_HEADER = "Idempotency-Key"
_IDEMPOTENCY_PARAMETER = {
    "name": IDEMPOTENCY_HEADER,
    "in": "header",
    "required": False,
    "description": "Chosen by the client for one write; a repetition with it gets the first answer again",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": r"^[!-~]{8,128}$"},
}
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_REPLAYED_HEADERS = ("content-type", "etag", "location", "hx-redirect")
_AUDITED_REFUSALS = {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
_RETRIED = {"40001": "serialization failure", "40P01": "deadlock"}
_ATTEMPTS = 3

# What a number of the very statement is not known before: every text that mentions it does so by a blank.
BLANK_NUMBER = f"number{secrets.token_hex(16)}"


def _traces(*, numbered: bool) -> str:
    """The queries that write audit, outbox and result, and what they answer; with a number, its blanks are filled."""
    taken = "taken, " if numbered else ""

    def filled(text: str) -> str:
        return f"replace({text}::text, :blank_number, taken.number)" if numbered else text

    body = f"convert_to({filled(':body')}, 'UTF8')" if numbered else ":body::bytea"
    answer = "from taken" if numbered else ""
    return f"""
audited as (
  insert into audit_entry (tenant_id, id, at, actor, actor_name, action, object_kind, object_id, outcome, reason,
                           before, after, correlation_id)
  select r.tenant_id, r.id, r.at, r.actor, r.actor_name, r.action, r.object_kind, r.object_id, r.outcome, r.reason,
         r.before, r.after, r.correlation_id
  from {taken}jsonb_populate_recordset(null::audit_entry, {filled(":audit")}::jsonb) r
), published as (
  insert into outbox (tenant_id, kind, object_kind, object_id, data, at)
  select r.tenant_id, r.kind, r.object_kind, r.object_id, r.data, r.at
  from {taken}jsonb_populate_recordset(null::outbox, {filled(":events")}::jsonb) r
), remembered as (
  insert into idempotency_result (tenant_id, actor, key, request_digest, status, headers, body)
  select :tenant_id::uuid, :actor::text, :key::text, :digest::bytea, :status::smallint, :headers::jsonb, {body}
  {answer} where :key <> ''
  on conflict do nothing
  returning 1
)
select (select count(*) from remembered) as remembered, {"taken.number" if numbered else "null::text"} as number
{answer}
"""  # noqa: S608 - no value stands in it


_LEAVE_TRACES = Statement(f"with {_traces(numbered=False)}")
_REMEMBERED = Statement("""
select request_digest, status, headers::text as headers, body from idempotency_result
where tenant_id = :tenant_id and actor = :actor and key = :key
""")


class LastWrite:
    """Rows written in the very statement that leaves the traces: one round trip less while others wait for a lock.

    Given as named queries (`name as (insert …), other as (…)`), whose names and parameters are not those of the traces.

    Args:
        queries: them.
        numbered: one of them is `taken`, with a `number` in its one row; without a row nothing at all is written.
            `BLANK_NUMBER` in the traces and in the answer becomes that number.
    """

    def __init__(self, queries: str, *, numbered: bool = False) -> None:
        self.numbered = numbered
        self.statement = Statement(f"with {queries}, {_traces(numbered=numbered)}")


Refusal = Callable[[], Awaitable[Problem]]
"""Finds out why a last write gave no number."""


@dataclass
class Transaction:
    """What a use case gets: the connection, who asks, when, and where to leave its traces.

    Attributes:
        connection: inside the transaction; never committed or rolled back by a use case.
        principal: the verified caller.
        at: the instant of the request; every timestamp of one request is this one.
        correlation_id: of the request.
        number: that the last write took; None before it was written.
    """

    connection: AsyncConnection
    principal: Principal
    at: datetime
    correlation_id: str
    audit_entries: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    last_write: tuple[LastWrite, Mapping[str, Any]] | None = None
    unnumbered: Refusal | None = None
    number: str | None = None

    @property
    def tenant_id(self) -> UUID:
        """The only tenant whose rows this transaction may touch."""
        return self.principal.tenant_id

    @property
    def business_date(self) -> date:
        """The date in Berlin at the instant of the request."""
        return business_date(self.at)

    def write_last(self, write: LastWrite, values: Mapping[str, Any], unnumbered: Refusal | None = None) -> None:
        """Write rows that nothing in this transaction reads any more; there is one such write at most.

        Args:
            write: with `values`, which are all of its parameters.
            values: by name.
            unnumbered: asked for the refusal when a numbered write took no number.
        """
        if self.last_write is not None or write.numbered is (unnumbered is None):
            raise AssertionError("a transaction has one last write, and a numbered one can say why it took no number")
        self.last_write, self.unnumbered = (write, values), unnumbered

    def audit(
        self,
        action: str,
        object_kind: str,
        object_id: UUID | None,
        *,
        outcome: str = "done",
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Leave an audit entry; written with the commit."""
        self.audit_entries.append(
            {
                "tenant_id": str(self.tenant_id),
                "id": str(new_id()),
                "at": self.at.isoformat(),
                "actor": self.principal.subject,
                "actor_name": self.principal.name,
                "action": action,
                "object_kind": object_kind,
                "object_id": None if object_id is None else str(object_id),
                "outcome": outcome,
                "reason": reason,
                "before": before,
                "after": after,
                "correlation_id": self.correlation_id,
            }
        )

    def publish(self, kind: str, object_kind: str, object_id: UUID, data: Mapping[str, Any]) -> None:
        """Tell the live listeners, once the transaction is committed. `data` holds no personal data."""
        self.events.append(
            {
                "tenant_id": str(self.tenant_id),
                "kind": kind,
                "object_kind": object_kind,
                "object_id": str(object_id),
                "data": data,
                "at": self.at.isoformat(),
            }
        )


@asynccontextmanager
async def own_transaction(engine: AsyncEngine, clock: Clock, principal: Principal) -> AsyncIterator[Transaction]:
    """A short transaction outside of a route of writes, for what a read leaves behind: an archived print, an audit.

    Its traces are written and it is committed when the block ends; an error rolls everything back.
    """
    with acting_for(principal.tenant_id):
        connection = await _begin(engine.execution_options(isolation_level="AUTOCOMMIT"))
    try:
        transaction = Transaction(connection, principal, clock(), current_correlation_id())
        yield transaction
        await _write_traces(transaction, "", b"", Response())
        await command(connection, "commit")
    finally:
        await connection.close()


async def _begin(engine: AsyncEngine) -> AsyncConnection:
    """A connection inside a transaction, begun here because SQLAlchemy leaves an engine in autocommit alone.

    When it is given back to the pool without a commit, the pool rolls back (kernel/database.py).
    """
    connection = await engine.connect()
    try:
        await command(connection, "begin")
    except BaseException:
        await connection.close()
        raise
    return connection


async def _write_traces(transaction: Transaction, key: str, digest: bytes, response: Response) -> Response | None:
    """Write audit, outbox and result, and give the answer; None if the key has a result already.

    Raises:
        Problem: the last write took no number; nothing was written.
    """
    kept = {name: value for name in _REPLAYED_HEADERS if (value := response.headers.get(name)) is not None}
    write, values = transaction.last_write or (None, {})
    numbered = write is not None and write.numbered
    row = await (_LEAVE_TRACES if write is None else write.statement).row(
        transaction.connection,
        {
            **values,
            "audit": json_text(transaction.audit_entries),
            "events": json_text(transaction.events),
            "tenant_id": transaction.tenant_id,
            "actor": transaction.principal.subject,
            "key": key,
            "digest": digest,
            "status": response.status_code,
            "headers": json_text(kept),
            "body": bytes(response.body).decode() if numbered else bytes(response.body),
            "blank_number": BLANK_NUMBER,
        },
    )
    if row is None:
        if transaction.unnumbered is None:
            raise AssertionError("only a numbered write can find nothing to write")
        raise await transaction.unnumbered()
    if key and row["remembered"] != 1:
        return None
    transaction.number = row["number"]
    return response if transaction.number is None else _with_number(response, transaction.number)


def _with_number(response: Response, number: str) -> Response:
    body = bytes(response.body).replace(BLANK_NUMBER.encode(), number.encode())
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, headers)


class UnitOfWork:
    """The one transaction of a request, from the moment its caller is known.

    An idempotency key is claimed together with the work: whoever comes second waits for the first, is rolled back, and
    gets the first answer. So a key costs the usual request no statement of its own.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock, request: Request) -> None:
        self._engine = engine
        self._clock = clock
        self._request = request
        self._transaction: Transaction | None = None
        self._principal: Principal | None = None
        self._key = ""
        self._digest = b""

    async def begin(self, principal: Principal) -> Transaction:
        """Open the transaction.

        Raises:
            Problem: 422 when the idempotency key is not one.
        """
        self._key = await self._read_key()
        self._principal = principal
        connection = await _begin(self._engine)
        self._transaction = Transaction(connection, principal, self._clock(), current_correlation_id())
        return self._transaction

    async def _read_key(self) -> str:
        key = self._request.headers.get(IDEMPOTENCY_HEADER)
        if key is None:
            return ""
        if not _KEY.fullmatch(key):
            raise invalid("idempotency_key_invalid", "An Idempotency-Key has 8 to 128 visible ASCII characters.")
        body = await self._request.body()
        address = f"{self._request.method} {self._request.url.path}\n".encode()
        self._digest = hashlib.sha256(
            address + self._request.headers.get("if-match", "").encode() + b"\n" + body
        ).digest()
        return key

    async def first_answer(self) -> Response | None:
        """What the first request with this key was answered, if there was one. The transaction must be over.

        Raises:
            Problem: 422 when that was another request.
        """
        if not self._key or self._principal is None:
            return None
        async with self._engine.connect() as connection:
            row = await _REMEMBERED.row(
                connection,
                {"tenant_id": self._principal.tenant_id, "actor": self._principal.subject, "key": self._key},
            )
        if row is None:
            return None
        if row["request_digest"] != self._digest:
            raise invalid(
                "idempotency_key_reused", "This Idempotency-Key was used for another request. Take a new one."
            )
        headers = {**json.loads(row["headers"]), "Idempotency-Replayed": "true"}
        return Response(row["body"], row["status"], headers)

    async def complete(self, response: Response) -> Response:
        """Write the traces, commit, and give the answer that leaves.

        Raises:
            Problem: no number could be taken.
            DBAPIError: the database refused; nothing of the request is kept.
        """
        transaction = self._transaction
        if transaction is None:
            return response
        written = await _write_traces(transaction, self._key, self._digest, response)
        if written is None:
            await self.abandon()
            first = await self.first_answer()
            if first is None:
                raise unavailable("idempotency_race", "The first request with this key is not finished. Try again.")
            return first
        await command(transaction.connection, "commit")
        await self.abandon()
        return written

    async def abandon(self) -> None:
        """Give the connection back; what was not committed is rolled back. Safe to call at any time."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.connection.close()

    async def record_refusal(self, principal: Principal | None, action: str, problem: Problem) -> None:
        """Leave one audit entry for a refused attempt, in a transaction of its own."""
        if principal is None or problem.status not in _AUDITED_REFUSALS:
            return
        async with own_transaction(self._engine, self._clock, principal) as transaction:
            transaction.audit(
                action,
                self._request.scope["route"].tags[0] if self._request.scope["route"].tags else "request",
                _first_id(self._request.path_params),
                outcome="refused",
                reason="; ".join([problem.detail, *(failure.message for failure in problem.failures)]),
            )


def _first_id(parameters: Mapping[str, Any]) -> UUID | None:
    for value in parameters.values():
        try:
            return UUID(str(value))
        except ValueError:
            continue
    return None


def sqlstate(error: DBAPIError) -> str:
    """The five-character SQLSTATE of a database error, or an empty string when the connection itself failed."""
    return getattr(error.orig, "sqlstate", None) or ""


class TransactionalRoute(APIRoute):
    """A route of writes. Deadlocks and serialization failures are retried inside a bound, then answered 503."""

    def __init__(self, *arguments: Any, openapi_extra: dict[str, Any] | None = None, **options: Any) -> None:
        documented = {"parameters": [_IDEMPOTENCY_PARAMETER]}
        super().__init__(*arguments, openapi_extra={**documented, **(openapi_extra or {})}, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler in the unit of work."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return await self._attempt(handle, request)
                except DBAPIError as error:
                    if sqlstate(error) not in _RETRIED:
                        raise
                    if attempt == _ATTEMPTS:
                        raise unavailable(
                            "contention", f"The database answered {_RETRIED[sqlstate(error)]} {attempt} times."
                        ) from error
            raise AssertionError("the last attempt returns or raises")

        return answer

    async def _attempt(self, handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
        services = request.app.state.services
        work = request.state.unit_of_work = UnitOfWork(services.read_engine, services.clock, request)
        try:
            answer = await work.complete(await handle(request))
        except Problem as problem:
            await work.abandon()
            if (first := await work.first_answer()) is not None:
                return first
            action = str(request.path_params.get("action", self.name))
            await work.record_refusal(getattr(request.state, "principal", None), action, problem)
            raise
        else:
            services.bell.ring()
            return answer
        finally:
            await work.abandon()
