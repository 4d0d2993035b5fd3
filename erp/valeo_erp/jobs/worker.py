"""Works on jobs, one at a time in each process. The lease in the database sees to it that no two work on one."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from valeo_erp.jobs import repository
from valeo_erp.jobs.job import Job
from valeo_erp.jobs.lifecycle import ATTEMPTS, RENEW_SECONDS
from valeo_erp.jobs.making import Made, Maker, Progress
from valeo_erp.kernel.answers import DATABASE_AWAY, database_problem
from valeo_erp.kernel.clock import Clock
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.tenancy import EVERY, acting_for
from valeo_erp.kernel.unit_of_work import own_transaction

POLL_SECONDS = 1.0
PART_BYTES = 1024 * 1024
LOST_WORKERS = f"The service ended {ATTEMPTS} times while it worked on this. Narrow the filter, or tell the operators."
FAULT = "The program has a fault here; it is in the log. Tell the operators the id of this job."

logger = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """The job is cancelled, or another worker's."""


@dataclass(frozen=True)
class JobWorker:
    """Takes the oldest job that waits, makes its file, stores it.

    Attributes:
        name: of this process, different from all others.
        ring: wakes the listeners after a commit.
    """

    engine: AsyncEngine
    clock: Clock
    maker: Maker
    name: str
    ring: Callable[[], None]

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                worked = await self.work_once()
            except DATABASE_AWAY as error:
                logger.warning("Jobs wait", extra={"cause": database_problem(error).code})
                worked = False
            if not worked:
                await asyncio.sleep(POLL_SECONDS)

    async def work_once(self) -> bool:
        """Take a job, if one waits, and see it through."""
        job = await self._next()
        if job is None:
            return False
        with acting_for(job.tenant_id):
            try:
                await self._see_through(job)
            except LeaseLostError:
                logger.info("A job was taken from this worker", extra={"job": str(job.id)})
        return True

    async def _next(self) -> Job | None:
        now = self.clock()
        with acting_for(EVERY):
            async with self.engine.begin() as connection:
                given_up = await repository.give_up(connection, LOST_WORKERS, now)
                await repository.expire(connection, now)
                job = await repository.claim(connection, self.name, now)
        for lost in given_up:
            await self._tell(lost, "failed", Progress(lost.done, lost.total))
        return job

    async def _see_through(self, job: Job) -> None:
        progress = Progress()
        making = asyncio.create_task(self.maker.make(job, progress))
        try:
            await self._keep(job, progress, making)
            await self._store(job, making.result())
        except Problem as problem:
            await self._fail(job, problem.detail)
        except (*DATABASE_AWAY, LeaseLostError, asyncio.CancelledError):
            raise  # the lease ends by itself, and another worker begins anew
        except Exception:
            logger.exception("A job met a fault of the program", extra={"job": str(job.id)})
            await self._fail(job, FAULT)
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _keep(self, job: Job, progress: Progress, making: asyncio.Task[Made]) -> None:
        """Renew the lease while the file is made."""
        told = None
        while True:
            await asyncio.wait({making}, timeout=RENEW_SECONDS if told else RENEW_SECONDS / 5)
            if making.done():
                return
            now = (progress.done, progress.total)
            async with own_transaction(self.engine, self.clock, job.principal) as transaction:
                if not await repository.renew(transaction.connection, job, self.name, now, self.clock()):
                    raise LeaseLostError
                if now != told:
                    transaction.publish("export_job.progress", "export_job", job.id, _numbers(*now))
            self.ring()
            told = now

    async def _store(self, job: Job, made: Made) -> None:
        """File and state in one transaction: a job that is done has its whole file."""
        with made.spool as spool:
            async with own_transaction(self.engine, self.clock, job.principal) as transaction:
                result = (made.file, made.documents)
                if not await repository.finish(transaction.connection, job, self.name, result, self.clock()):
                    raise LeaseLostError
                await repository.add_parts(transaction.connection, job, spool.chunks(PART_BYTES))
                transaction.publish("export_job.done", "export_job", job.id, _numbers(made.documents, made.documents))
        self.ring()

    async def _fail(self, job: Job, problem: str) -> None:
        async with own_transaction(self.engine, self.clock, job.principal) as transaction:
            if not await repository.fail(transaction.connection, job, self.name, problem, self.clock()):
                raise LeaseLostError
            transaction.publish("export_job.failed", "export_job", job.id, {})
        self.ring()

    async def _tell(self, job: Job, what: str, progress: Progress) -> None:
        async with own_transaction(self.engine, self.clock, job.principal) as transaction:
            transaction.publish(f"export_job.{what}", "export_job", job.id, _numbers(progress.done, progress.total))
        self.ring()


def _numbers(done: int, total: int | None) -> dict[str, int | None]:
    return {"done": done, "total": total}
