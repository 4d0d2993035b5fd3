"""Recovery to points in time: what is asked for, and how far the archive of the embedded database reaches."""

from typing import Annotated, ClassVar

from pydantic import Field

from valeo_operator.api.backup_settings import BackupVolume
from valeo_operator.api.model import Model, Refusal, Rule
from valeo_operator.api.values import Message, Moment, ShortText


class PointInTime(Model):
    """An archive of the database's log, so that every point in time of the last weeks can be recovered."""

    enabled: bool = True
    """Archive. False switches it off: what is in the archive stays, and nothing is added."""
    volume: BackupVolume = BackupVolume()
    """The volume of the archive. It stays or goes with that of the database when the ValeoERP is deleted."""
    keep_days: Annotated[int, Field(ge=1, le=366)] = 14
    """How many days back every point can be recovered."""
    full_every_days: Annotated[int, Field(ge=1, le=90)] = 7
    """How often all files of the server are copied. Recovery begins with such a copy."""
    differential_every_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How often what changed since the last full copy is copied."""


class Point(Model):
    """One point in the life of the database."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "name exactly one of time, transaction and name",
            "(has(self.time) ? 1 : 0) + (has(self.transaction) ? 1 : 0) + (has(self.name) ? 1 : 0) == 1",
            ".time",
            Refusal.REQUIRED,
        ),
    )

    time: Moment | None = None
    """A time: what was committed before it is there."""
    transaction: Annotated[int, Field(ge=3, le=4611686018427387904)] | None = None
    """Number of a transaction (`pg_current_xact_id()`): it is the last one that is there."""
    name: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9][-_.A-Za-z0-9]*$")] | None = None
    """Name that was given to a point with `pg_create_restore_point`."""

    @property
    def words(self) -> str:
        """For a person."""
        if self.time is not None:
            return f"the time {self.time.isoformat()}"
        return f"transaction {self.transaction}" if self.transaction is not None else f"the point {self.name}"


class PointInTimeStatus(Model):
    """How far the archive reaches. It is told by the pod of the database every ten seconds."""

    observed_at: Moment | None = None
    """When the archive was last seen; absent, it was not seen yet."""
    oldest: Moment | None = None
    """From this time on every point can be recovered."""
    newest: Moment | None = None
    """Up to this time every point can be recovered, also if the server and its volume are lost now."""
    recovery_point_seconds: Annotated[int, Field(ge=0)] | None = None
    """How much would be lost, in seconds, as it was seen then."""
    last_full: Moment | None = None
    """When all files were last copied."""
    last_differential: Moment | None = None
    """When what changed was last copied."""
    base_backups: Annotated[int, Field(ge=0)] = 0
    """How many such copies there are."""
    bytes: Annotated[int, Field(ge=0)] = 0
    """Bytes of these copies, without the log."""
    missing_segments: Annotated[int, Field(ge=0)] = 0
    """Segments of the log that the archive lacks: a part of the past that can't be recovered."""
    gap_is_open: bool = False
    """Whether some of them lie behind the newest copy, so that nothing new can be recovered before the next one."""
    verified_at: Moment | None = None
    """When everything in the archive was last read back."""
    running: ShortText | None = None
    """What is under way: a `full` or `diff` copy, or `verify`."""
    problem: Message | None = None
    """What is wrong with it; absent where nothing is."""
