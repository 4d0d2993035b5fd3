"""The numbers of the data operations, told from the catalogue when they are asked for.

A restart of the operator resets nothing, and a Job that hangs hides nothing: ages are those of the last thing that was
seen to succeed.
"""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from valeo_operator.api.backup_settings import BackupsStatus
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.scrub import PATIENCE
from valeo_operator.backups.standing import drill_stale_at, stale_at
from valeo_operator.recovery.told import recovery_point_age
from valeo_operator.schedules.slots import ScheduleError

if TYPE_CHECKING:
    from valeo_operator.api.point_in_time import PointInTimeStatus

_RECOVERY_POINT: Final = (
    "What would be lost if the embedded database and its volume were lost; +Inf while no point can be recovered."
)
_MISSING: Final = "Segments that the archive of the embedded database lacks: parts of the past that can't be recovered."
_LABELS: Final = ("namespace", "installation")
_NUMBERS: Final = {
    "valeo_backup_last_success_timestamp_seconds": "When the newest good backup was made; 0 where there is none.",
    "valeo_backup_last_attempt_timestamp_seconds": "When a backup was last tried; 0 where none was.",
    "valeo_backup_last_failure_timestamp_seconds": "When a backup last failed; 0 where none did.",
    "valeo_backup_stale_after_timestamp_seconds": "When the newest good backup is too old; 0 where there is none.",
    "valeo_backup_good": "Good backups in the stores.",
    "valeo_backup_corrupt": "Backups that are broken or lost.",
    "valeo_backup_proof_stale_after_timestamp_seconds": "When the oldest proof is too old; 0 for never.",
    "valeo_backup_bytes": "Bytes of the newest good backup.",
    "valeo_backup_duration_seconds": "How long the newest good backup took.",
    "valeo_backup_missed_slots": "Slots of the schedule that passed without a backup.",
    "valeo_backup_store_bytes": "Bytes of all backups in the stores.",
    "valeo_drill_last_success_timestamp_seconds": "When a drill last was exact; 0 where none was.",
    "valeo_drill_last_failure_timestamp_seconds": "When a drill last failed; 0 where none did.",
    "valeo_drill_stale_after_timestamp_seconds": "When the last exact drill is too old; 0 where there is none.",
    "valeo_drill_duration_seconds": "How long the last exact drill took: the measured recovery time.",
    "valeo_drill_target_seconds": "The recovery-time target.",
    "valeo_data_operation_running": "1 while a data operation holds the lock.",
}


class DataMetrics(Collector):
    """Holds what was last seen of each installation. One label for each installation, as alerts need it."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], dict[str, float]] = {}
        self._archives: dict[tuple[str, str], PointInTimeStatus] = {}
        registry.register(self)

    def saw(self, facts: DataFacts, told: BackupsStatus) -> None:
        """A pass looked at an installation."""
        address = (facts.names.namespace, facts.names.name)
        self._seen[address] = numbers(facts, told)
        self._archives.pop(address, None)
        if facts.archive is not None:
            self._archives[address] = facts.archive

    def forget(self, namespace: str, name: str) -> None:
        """An installation is gone, or makes no backups any more."""
        self._seen.pop((namespace, name), None)
        self._archives.pop((namespace, name), None)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See `Collector`."""
        for name, what in _NUMBERS.items():
            family = GaugeMetricFamily(name, what, labels=_LABELS)
            for address, seen in sorted(self._seen.items()):
                if name in seen:
                    family.add_metric(address, seen[name])
            yield family
        yield self._recovery_points()
        yield self._missing()

    def _recovery_points(self) -> GaugeMetricFamily:
        """By the clock of the moment in which it is asked for: what is not seen any more grows older."""
        family = GaugeMetricFamily("valeo_recovery_point_seconds", _RECOVERY_POINT, labels=_LABELS)
        for address, told in sorted(self._archives.items()):
            age = recovery_point_age(told, self._clock())
            family.add_metric(address, math.inf if age is None else age.total_seconds())
        return family

    def _missing(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("valeo_recovery_missing_segments", _MISSING, labels=_LABELS)
        for address, told in sorted(self._archives.items()):
            family.add_metric(address, told.missing_segments)
        return family


def numbers(facts: DataFacts, told: BackupsStatus) -> dict[str, float]:
    """The numbers of one installation. A time that is not known is 0, which is very long ago."""
    newest = facts.good[0].status if facts.good else None
    took = newest.ended - newest.began if newest and newest.ended and newest.began else None
    found = {
        "valeo_backup_last_success_timestamp_seconds": told.last_good,
        "valeo_backup_last_attempt_timestamp_seconds": told.last_attempt,
        "valeo_backup_last_failure_timestamp_seconds": told.last_failure,
        "valeo_drill_last_success_timestamp_seconds": told.last_drill,
        "valeo_drill_last_failure_timestamp_seconds": told.last_drill_failure,
    }
    return {
        **{name: at.timestamp() if at else 0.0 for name, at in found.items()},
        **_staleness(facts, told),
        "valeo_backup_proof_stale_after_timestamp_seconds": _proof_stale_at(facts, told),
        "valeo_backup_good": told.good,
        "valeo_backup_corrupt": told.corrupt,
        "valeo_backup_bytes": float((newest.bytes if newest else None) or 0),
        "valeo_backup_duration_seconds": took.total_seconds() if took else 0.0,
        "valeo_backup_missed_slots": told.missed_slots,
        "valeo_backup_store_bytes": float(sum(each.bytes for each in told.listings)),
        "valeo_drill_duration_seconds": float(told.last_drill_seconds or 0),
        "valeo_drill_target_seconds": float(facts.settings.drill.target_seconds),
        "valeo_data_operation_running": float(facts.lock is not None),
    }


def _proof_stale_at(facts: DataFacts, told: BackupsStatus) -> float:
    days = facts.settings.verify_days
    if told.oldest_proof is None or not days:
        return 0.0
    return (told.oldest_proof + timedelta(days=days) + PATIENCE).timestamp()


def _staleness(facts: DataFacts, told: BackupsStatus) -> dict[str, float]:
    try:
        backup = stale_at(facts.settings, told.last_good).timestamp() if told.last_good else 0.0
        drill = drill_stale_at(facts.settings, told.last_drill).timestamp() if told.last_drill else 0.0
    except ScheduleError:  # said by BackupHealthy; a schedule that can't be read makes everything too old
        backup = drill = 0.0
    return {
        "valeo_backup_stale_after_timestamp_seconds": backup,
        "valeo_drill_stale_after_timestamp_seconds": drill,
    }
