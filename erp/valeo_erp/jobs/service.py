"""What people do with jobs: ask for one, look, cancel, take the file."""

import secrets
from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.documents.document import Kind
from valeo_erp.documents.listing import ListFilter
from valeo_erp.identity.access import require
from valeo_erp.jobs import repository
from valeo_erp.jobs.job import Job, Product, Wish
from valeo_erp.jobs.lifecycle import JobAction, JobState, reason_against
from valeo_erp.kernel.identifiers import new_id
from valeo_erp.kernel.problems import invalid, not_found, refused
from valeo_erp.kernel.tenancy import acting_for
from valeo_erp.kernel.unit_of_work import Transaction

OBJECT = "export_job"


def gobd_wish(first: date, last: date) -> Wish:
    """The data of a period for a tax auditor.

    Raises:
        Problem: 422 when it ends before it begins.
    """
    if last < first:
        raise invalid("period_ends_first", f"The period ends on {last}, before it begins on {first}.")
    return Wish(Product.GOBD, ListFilter(Kind.INVOICE, from_date=first, to_date=last))


async def request_job(transaction: Transaction, wish: Wish) -> Job:
    """Ask for a file.

    Raises:
        Problem: 403 when it is not for this person.
    """
    _require_all(transaction, wish)
    job_id = new_id()
    await repository.insert(transaction.connection, job_id, wish, transaction.principal, transaction.at)
    transaction.audit("request", OBJECT, job_id, after={"product": wish.product.value})
    job = await repository.find(transaction.connection, transaction.principal, job_id)
    return _found(job)


def _require_all(transaction: Transaction, wish: Wish) -> None:
    for scope in wish.scopes:
        require(transaction.principal, scope)


async def cancel_job(transaction: Transaction, job_id: UUID) -> Job:
    """End a job that is not done; its worker notices within seconds.

    Raises:
        Problem: 404; 409 when it is over.
    """
    job = _found(await repository.lock(transaction.connection, transaction.principal, job_id))
    if reason := reason_against(job.state, JobAction.CANCEL):
        raise refused("job_over", reason)
    await repository.cancel(transaction.connection, job, transaction.at)
    transaction.audit("cancel", OBJECT, job_id)
    transaction.publish("export_job.cancelled", OBJECT, job_id, {"done": job.done, "total": job.total})
    return _found(await repository.find(transaction.connection, transaction.principal, job_id))


async def give_link(transaction: Transaction, job_id: UUID) -> tuple[str, datetime]:
    """A secret that opens the file once, and until when. An older one does not hold any more.

    Raises:
        Problem: 403 when this person may not have such files any more; 404; 409 when there is no file.
    """
    job = _found(await repository.lock(transaction.connection, transaction.principal, job_id))
    _require_all(transaction, job.wish)
    if job.state is not JobState.DONE:
        raise refused("job_has_no_file", f"The job is {job.state.value}; only one that is done has a file.")
    secret = secrets.token_urlsafe(32)
    until = await repository.set_link(transaction.connection, job, secret, transaction.at)
    transaction.audit("link", OBJECT, job_id)
    return secret, until


async def parts_of(engine: AsyncEngine, job: Job) -> AsyncIterator[bytes]:
    """The file of a job, part by part; no connection is held while a client takes one."""
    position = 0
    while True:
        with acting_for(job.tenant_id):
            async with engine.connect() as connection:
                data = await repository.part(connection, job, position)
        if data is None:
            return
        yield data
        position += 1


def _found(job: Job | None) -> Job:
    if job is None:
        raise not_found("job")
    return job
