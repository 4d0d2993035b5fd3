"""How old credentials are, by the clock of the moment in which it is asked for, and when they are due."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from valeo_operator.api.rotation import RotationStatus
from valeo_operator.installations.facts import Facts
from valeo_operator.rotations.asked import oldest_at

_LABELS = ("namespace", "installation", "credential")


@dataclass(frozen=True)
class _Seen:
    since: datetime
    next_at: datetime | None
    too_old_at: datetime | None


class CredentialMetrics(Collector):
    """Holds what was last seen of each installation. A credential whose age is not known has no numbers."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], dict[str, _Seen]] = {}
        registry.register(self)

    def saw(self, facts: Facts, told: RotationStatus) -> None:
        """A pass looked at an installation."""
        spec = facts.erp.spec.rotation
        credentials = {
            "database": (told.database, None if spec is None else spec.database),
            "signing-keys": (told.signing_keys, None if spec is None else spec.signing_keys),
        }
        self._seen[facts.names.namespace, facts.names.name] = {
            name: _Seen(status.since, status.next_at, oldest_at(status, interval))
            for name, (status, interval) in credentials.items()
            if status is not None and status.since is not None
        }

    def forget(self, namespace: str, name: str) -> None:
        """An installation is gone."""
        self._seen.pop((namespace, name), None)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See `Collector`."""
        age = GaugeMetricFamily("valeo_credential_age_seconds", "How long ago it was made.", labels=_LABELS)
        due = GaugeMetricFamily(
            "valeo_credential_next_rotation_timestamp_seconds", "When it is replaced by schedule.", labels=_LABELS
        )
        late = GaugeMetricFamily(
            "valeo_credential_too_old_after_timestamp_seconds",
            "When it is older than the spec allows, a day after it was due.",
            labels=_LABELS,
        )
        for address, credentials in sorted(self._seen.items()):
            for name, seen in sorted(credentials.items()):
                labels = (*address, name)
                age.add_metric(labels, (self._clock() - seen.since) / timedelta(seconds=1))
                for family, moment in ((due, seen.next_at), (late, seen.too_old_at)):
                    if moment is not None:
                        family.add_metric(labels, moment.timestamp())
        yield from (age, due, late)
