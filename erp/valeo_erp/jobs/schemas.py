"""What clients get of jobs."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from valeo_erp.jobs.job import Job, Product
from valeo_erp.jobs.lifecycle import JobState


class FileAnswer(BaseModel):
    """The finished file."""

    model_config = ConfigDict(frozen=True)

    name: str
    media_type: str
    size: int = Field(description="Bytes")
    sha256: str
    snapshot_at: datetime = Field(description="All rows are as they were at this instant")
    left_out: int = Field(description="Documents that could not be printed; the manifest in the ZIP says why")


class JobAnswer(BaseModel):
    """A job as its person sees it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    state: JobState
    product: Product
    filter: str = Field(description="The conditions, as a query string")
    requested_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="The file is kept until then")
    done: int = Field(description="Documents so far")
    total: int | None = Field(description="Documents altogether, null before it began")
    file: FileAnswer | None
    problem: str | None = Field(description="Why it failed")


class JobsAnswer(BaseModel):
    """The newest jobs of a person."""

    items: list[JobAnswer]


class LinkAnswer(BaseModel):
    """A link that opens the file once."""

    url: str
    expires_at: datetime


def job_answer(job: Job) -> JobAnswer:
    """A job as an answer."""
    return JobAnswer(
        id=job.id,
        state=job.state,
        product=job.wish.product,
        filter=job.wish.conditions,
        requested_at=job.requested_at,
        finished_at=job.finished_at,
        expires_at=job.expires_at,
        done=job.done,
        total=job.total,
        file=None if job.file is None else FileAnswer.model_validate(job.file, from_attributes=True),
        problem=job.problem,
    )
