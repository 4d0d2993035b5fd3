"""`kubectl valeo history`: the releases of an installation, the newest first. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from valeo_operator.cluster.objects import Object, born, dig, moment, name_of
from valeo_operator.plugin.sight import Sight


@dataclass(frozen=True)
class Deployment:
    """One release and how its rollout went. `took` is None while it goes on."""

    release: str
    active: bool
    version: str
    phase: str
    colour: str
    schema: str
    requested_by: str
    began: datetime | None
    took: timedelta | None
    digest: str
    message: str


def history(sight: Sight) -> tuple[Deployment, ...]:
    """All releases that are recorded."""
    active = dig(sight.erp, "status", "activeRelease")
    newest_first = sorted(sight.releases, key=_began, reverse=True)
    return tuple(_deployment(release, is_active=name_of(release) == active) for release in newest_first)


def _began(release: Object) -> datetime:
    found = moment(dig(release, "status", "startedAt")) or born(release)
    if found is None:
        raise ValueError(f"the release {name_of(release)} has no time of creation")
    return found


def _deployment(release: Object, *, is_active: bool) -> Deployment:
    spec, status = release["spec"], release.get("status") or {}
    began, ended = _began(release), moment(status.get("completedAt"))
    return Deployment(
        release=name_of(release),
        active=is_active,
        version=str(spec.get("version", "")),
        phase=str(status.get("phase") or "Pending"),
        colour=str(spec.get("colour", "")),
        schema=str(spec.get("schemaRevision", "")),
        requested_by=str(spec.get("requestedBy") or ""),
        began=began,
        took=ended - began if ended else None,
        digest=str(spec.get("digest", "")),
        message=str(status.get("message") or ""),
    )
