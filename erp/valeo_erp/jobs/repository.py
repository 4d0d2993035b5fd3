"""Rows of jobs, and the parts of their files."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from valeo_erp.identity.scopes import Principal
from valeo_erp.jobs.job import Job, JobFile, Wish
from valeo_erp.jobs.lifecycle import ATTEMPTS, KEPT, LEASE, LINK_LIFETIME, JobState
from valeo_erp.kernel.statements import Statement

_WISH = TypeAdapter(Wish)
_PRINCIPAL = TypeAdapter(Principal)
_FILE = TypeAdapter(JobFile)
_COLUMNS = """
  j.tenant_id, j.id, j.state, j.wish::text as wish, j.principal::text as principal, j.requested_at, j.finished_at,
  j.expires_at, j.done, j.total, j.attempts, j.file::text as file, j.problem
"""
_INSERT = Statement("""
insert into export_job (tenant_id, id, state, wish, requested_by, principal, requested_at)
values (:tenant_id, :id, 'waiting', :wish, :requested_by, :principal, :requested_at)
""")
_OWN = "from export_job j where j.tenant_id = :tenant_id and j.requested_by = :requested_by"
_FIND = Statement(f"select {_COLUMNS} {_OWN} and j.id = :id")
_LOCK = Statement(f"select {_COLUMNS} {_OWN} and j.id = :id for update")
_NEWEST = Statement(f"select {_COLUMNS} {_OWN} order by j.requested_at desc, j.id desc limit 50")
_CLAIM = Statement(f"""
update export_job j
set state = 'running', attempts = j.attempts + 1, leased_by = :worker, leased_until = :until, done = 0
from (select tenant_id, id from export_job
      where (state = 'waiting' or (state = 'running' and leased_until <= :now)) and attempts < {ATTEMPTS}
      order by requested_at limit 1 for update skip locked) next
where j.tenant_id = next.tenant_id and j.id = next.id
returning {_COLUMNS}
""")  # noqa: S608 - only constants of this module
_GIVE_UP = Statement(f"""
update export_job j
set state = 'failed', problem = :problem, finished_at = :now, leased_by = null, leased_until = null
where j.state = 'running' and j.leased_until <= :now and j.attempts >= {ATTEMPTS}
returning {_COLUMNS}
""")  # noqa: S608 - only constants of this module
_RENEW = Statement("""
update export_job set leased_until = :until, done = :done, total = :total
where tenant_id = :tenant_id and id = :id and state = 'running' and leased_by = :worker returning id
""")
_FINISH = Statement("""
update export_job
set state = 'done', file = :file, done = :done, total = :done, finished_at = :now, expires_at = :expires_at,
    leased_by = null, leased_until = null
where tenant_id = :tenant_id and id = :id and state = 'running' and leased_by = :worker returning id
""")
_FAIL = Statement("""
update export_job
set state = 'failed', problem = :problem, finished_at = :now, leased_by = null, leased_until = null
where tenant_id = :tenant_id and id = :id and state = 'running' and leased_by = :worker returning id
""")
_CANCEL = Statement("""
update export_job set state = 'cancelled', finished_at = :now, leased_by = null, leased_until = null
where tenant_id = :tenant_id and id = :id
""")
_ADD_PART = Statement("""
insert into export_part (tenant_id, job_id, position, data) values (:tenant_id, :job_id, :position, :data)
""")
_PART = Statement("""
select data from export_part where tenant_id = :tenant_id and job_id = :job_id and position = :position
""")
_SET_LINK = Statement("""
update export_job set link_digest = :digest, link_until = :until where tenant_id = :tenant_id and id = :id
""")
_TAKE_LINK = Statement(f"""
update export_job j set link_digest = null, link_until = null
where j.id = :id and j.link_digest = :digest and j.link_until > :now and j.state = 'done' and j.expires_at > :now
returning {_COLUMNS}
""")  # noqa: S608 - only constants of this module
_EXPIRE = Statement("""
with old as (
  update export_job set state = 'expired', link_digest = null, link_until = null
  where state = 'done' and expires_at <= :now returning tenant_id, id
), gone as (
  delete from export_part p using old where p.tenant_id = old.tenant_id and p.job_id = old.id
)
select count(*) as expired from old
""")


async def insert(connection: AsyncConnection, job_id: UUID, wish: Wish, principal: Principal, at: datetime) -> None:
    """A job that waits."""
    await _INSERT.rows(
        connection,
        {
            "tenant_id": principal.tenant_id,
            "id": job_id,
            "wish": _WISH.dump_json(wish).decode(),
            "requested_by": principal.subject,
            "principal": _PRINCIPAL.dump_json(principal).decode(),
            "requested_at": at,
        },
    )


async def find(connection: AsyncConnection, principal: Principal, job_id: UUID) -> Job | None:
    """A job of this person, None if there is none with this id."""
    return _one(await _FIND.row(connection, _owner(principal) | {"id": job_id}))


async def lock(connection: AsyncConnection, principal: Principal, job_id: UUID) -> Job | None:
    """As `find`, and nobody else changes it until the transaction ends."""
    return _one(await _LOCK.row(connection, _owner(principal) | {"id": job_id}))


async def newest(connection: AsyncConnection, principal: Principal) -> list[Job]:
    """The newest 50 jobs of this person."""
    return [_job(row) for row in await _NEWEST.rows(connection, _owner(principal))]


async def claim(connection: AsyncConnection, worker: str, now: datetime) -> Job | None:
    """Take the oldest job that waits, or whose worker is not heard of any more; of whichever tenant."""
    return _one(await _CLAIM.row(connection, {"worker": worker, "now": now, "until": now + LEASE}))


async def give_up(connection: AsyncConnection, problem: str, now: datetime) -> list[Job]:
    """Fail the jobs whose workers died too often."""
    return [_job(row) for row in await _GIVE_UP.rows(connection, {"problem": problem, "now": now})]


async def renew(
    connection: AsyncConnection, job: Job, worker: str, progress: tuple[int, int | None], now: datetime
) -> bool:
    """Keep a job, and tell how far it is; false if it is this worker's no more."""
    done, total = progress
    values = _key(job) | {"worker": worker, "until": now + LEASE, "done": done, "total": total}
    return await _RENEW.row(connection, values) is not None


async def finish(connection: AsyncConnection, job: Job, worker: str, made: tuple[JobFile, int], now: datetime) -> bool:
    """Note the finished file and the count of its documents; false if the job is this worker's no more."""
    file, done = made
    values = _key(job) | {"worker": worker, "done": done, "now": now, "expires_at": now + KEPT}
    return await _FINISH.row(connection, values | {"file": _FILE.dump_json(file).decode()}) is not None


async def fail(connection: AsyncConnection, job: Job, worker: str, problem: str, now: datetime) -> bool:
    """Note why it failed; false if the job is this worker's no more."""
    return await _FAIL.row(connection, _key(job) | {"worker": worker, "problem": problem, "now": now}) is not None


async def cancel(connection: AsyncConnection, job: Job, now: datetime) -> None:
    """Its worker notices when it renews the lease."""
    await _CANCEL.rows(connection, _key(job) | {"now": now})


async def add_parts(connection: AsyncConnection, job: Job, parts: Iterable[bytes]) -> None:
    """Store a file."""
    for position, data in enumerate(parts):
        values = {"tenant_id": job.tenant_id, "job_id": job.id, "position": position, "data": data}
        await _ADD_PART.rows(connection, values)


async def part(connection: AsyncConnection, job: Job, position: int) -> bytes | None:
    """One part of a file, None after the last."""
    values = {"tenant_id": job.tenant_id, "job_id": job.id, "position": position}
    row = await _PART.row(connection, values)
    return None if row is None else bytes(row["data"])


async def set_link(connection: AsyncConnection, job: Job, secret: str, now: datetime) -> datetime:
    """Remember the digest of a link, in place of an older one, and tell until when it holds."""
    until = now + LINK_LIFETIME
    await _SET_LINK.rows(connection, _key(job) | {"digest": _digest(secret), "until": until})
    return until


async def take_link(connection: AsyncConnection, job_id: UUID, secret: str, now: datetime) -> Job | None:
    """The job that a link leads to, of whichever tenant. The link is used up."""
    return _one(await _TAKE_LINK.row(connection, {"id": job_id, "digest": _digest(secret), "now": now}))


async def expire(connection: AsyncConnection, now: datetime) -> int:
    """Remove files that were kept long enough, of all tenants, and tell how many."""
    row = await _EXPIRE.row(connection, {"now": now})
    return 0 if row is None else int(row["expired"])


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _owner(principal: Principal) -> dict[str, Any]:
    return {"tenant_id": principal.tenant_id, "requested_by": principal.subject}


def _key(job: Job) -> dict[str, Any]:
    return {"tenant_id": job.tenant_id, "id": job.id}


def _one(row: Mapping[str, Any] | None) -> Job | None:
    return None if row is None else _job(row)


def _job(row: Mapping[str, Any]) -> Job:
    values = dict(row)
    values["state"] = JobState(values["state"])
    values["wish"] = _WISH.validate_json(values["wish"])
    values["principal"] = _PRINCIPAL.validate_json(values["principal"])
    values["file"] = None if values["file"] is None else _FILE.validate_python(json.loads(values["file"]))
    return Job(**values)
