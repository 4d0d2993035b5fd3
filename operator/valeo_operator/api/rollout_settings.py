"""How a release is brought to active: the settings in the spec, and what the status remembers between two passes."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from valeo_operator.api.conditions import Reason
from valeo_operator.api.model import Described, Model
from valeo_operator.api.values import Message, Moment, ShortText

Percent = Annotated[str, Field(max_length=8, pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,3})?%$")]
"""A share, as `1%` or `0.5%`."""


class Mode(Described):
    """Whether the operator acts."""

    APPLY = "Apply", "The operator brings the installation to what the spec asks for."
    PLAN = "Plan", "The operator tells what it would do and touches nothing; what was begun is ended."


class Promotion(Described):
    """Who lets a verified release go live."""

    AUTOMATIC = "Automatic", "It goes live as soon as it is verified."
    MANUAL = "Manual", "It waits for the annotation valeoerp.io/promote with its name."


class NumbersFrom(Described):
    """Who is asked for the numbers of a watched release."""

    PODS = "Pods", "The pods themselves, every five seconds: nothing else has to be there."
    PROMETHEUS = "Prometheus", "The Prometheus of monitoring.prometheusURL, which must scrape the pods of both colours."


class Rollout(Model):
    """How a release is brought to active, watched, and brought back."""

    stability_seconds: Annotated[int, Field(ge=0, le=600)] = 5
    """How long every pod of the new colour must be ready without a break before it is verified, and again before the
    switch."""
    smoke_tests: bool = True
    """Run the smoke tests that the image describes before users reach the release."""
    promotion: Promotion = Promotion.AUTOMATIC
    """Who lets a verified release go live: nobody is asked (`Automatic`), or somebody (`Manual`)."""
    drain_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """How long connections to the old colour may come to their end before the watch begins."""
    watch_minutes: Annotated[int, Field(ge=0, le=1440)] = 15
    """How long the new release is watched while the old colour stands by at full size."""
    watch_seconds: Annotated[int, Field(ge=0, le=86400)] | None = None
    """The same in seconds; given, it takes the place of watchMinutes."""
    max_error_rate: Percent = "1%"
    """Share of requests that may be answered with 5xx."""
    max_p95_milliseconds: Annotated[int, Field(ge=1, le=60000)] = 500
    """Time within which 95 of 100 requests must be answered."""
    numbers_from: NumbersFrom = NumbersFrom.PODS
    """Who is asked for the numbers of the watched release: its `Pods`, or `Prometheus`."""
    auto_rollback: bool = True
    """Go back by itself when the watch finds a breach. False: it is told, and somebody decides."""
    keep_releases: Annotated[int, Field(ge=2, le=100)] = 10
    """How many ValeoReleases are kept as history. The active, the wanted and the one before are never removed."""

    @property
    def watch(self) -> timedelta:
        """How long the watch lasts."""
        seconds = self.watch_minutes * 60 if self.watch_seconds is None else self.watch_seconds
        return timedelta(seconds=seconds)

    @property
    def drain(self) -> timedelta:
        """How long connections may come to their end."""
        return timedelta(seconds=self.drain_seconds)

    @property
    def stability(self) -> timedelta:
        """How long readiness must last."""
        return timedelta(seconds=self.stability_seconds)


class Acts(Model):
    """Which acts of persons, given as annotations, were taken up. Each is taken up once."""

    retry: ShortText | None = None
    """Value of valeoerp.io/retry that was taken up."""
    abort: ShortText | None = None
    """Value of valeoerp.io/abort that was taken up."""
    promote: ShortText | None = None
    """Value of valeoerp.io/promote that was taken up."""
    rollback: ShortText | None = None
    """Value of valeoerp.io/rollback that was taken up."""
    contract: ShortText | None = None
    """Value of valeoerp.io/contract that was taken up."""
    rotate: ShortText | None = None
    """Value of valeoerp.io/rotate that was taken up."""


class Course(Model):
    """What was observed of the rollout that goes on."""

    began: Moment | None = None
    """When the rollout was begun anew."""
    ready_since: Moment | None = None
    """Since when every pod of the new colour is ready without a break."""
    flaps: Annotated[int, Field(ge=0)] = 0
    """How often readiness was lost again after it was there."""
    switched_at: Moment | None = None
    """When the Service was led to the new colour, or back to the old one."""
    breach_since: Moment | None = None
    """Since when the watched release breaks a limit."""
    open_connections: Annotated[int, Field(ge=0)] | None = None
    """Connections to the old colour that were open when draining ended."""
    smoke: Message | None = None
    """What the smoke tests came to."""
    analysis: Message | None = None
    """What the analysis of the watched release came to."""


class Ended(Model):
    """Why the rollout ended as it did."""

    reason: Reason
    """Why, in one word of the closed list."""
    message: Message
    """Why, in sentences: object, observed, expected, next step."""
