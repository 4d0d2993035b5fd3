"""Everything of one installation that the person may see, read once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, ERPS, PODS, RELEASES, STATEFUL_SETS, Kind
from valeo_operator.cluster.objects import Object, dig, name_of, uid_of
from valeo_operator.golive.kinds import APPROVALS, GATES, WAIVERS
from valeo_operator.golive.trail import TRAIL_LABEL, Chain, read_chain
from valeo_operator.installations.names import INSTANCE_LABEL, Names
from valeo_operator.plugin.connection import Connection, PluginError, UnseenError


@dataclass(frozen=True)
class Sight:
    """One installation. `unseen` tells what the person may not read."""

    erp: Object
    now: datetime
    releases: tuple[Object, ...] = ()
    deployments: tuple[Object, ...] = ()
    stateful_sets: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    gates: tuple[Object, ...] = ()
    approvals: tuple[Object, ...] = ()
    waivers: tuple[Object, ...] = ()
    trail: Chain = field(default_factory=Chain)
    unseen: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the installation."""
        return name_of(self.erp)

    def release(self, name: str | None) -> Object | None:
        """One of its releases."""
        return next((each for each in self.releases if name_of(each) == name), None)

    @property
    def gated_release(self) -> Object | None:
        """The release that gates speak of: as the operator says, else the wanted one, else the active one."""
        status = self.erp.get("status") or {}
        told = self.release(dig(status, "goLive", "release"))
        return told or self.release(status.get("targetRelease")) or self.release(status.get("activeRelease"))


def the_installation(connection: Connection, name: str) -> Object:
    """The installation of this name, or the only one of the namespace."""
    if name:
        found = connection.get(ERPS, name)
        if found is None:
            raise PluginError(f"there is no ValeoERP {name} in the namespace {connection.namespace}")
        return found
    known = connection.list(ERPS)
    if len(known) == 1:
        return known[0]
    if not known:
        raise PluginError(f"there is no ValeoERP in the namespace {connection.namespace}")
    names = ", ".join(sorted(map(name_of, known)))
    raise PluginError(f"there are several installations in the namespace {connection.namespace}; name one of {names}")


def look(connection: Connection, name: str, *, now: datetime | None = None) -> Sight:
    """Read the installation and what belongs to it."""
    erp = the_installation(connection, name)
    unseen: list[str] = []
    of_it = {INSTANCE_LABEL: name_of(erp)}

    def owned(kind: Kind) -> tuple[Object, ...]:
        return _if_allowed(lambda: connection.list(kind, of_it), unseen)

    def about_it(kind: Kind) -> tuple[Object, ...]:
        listed = _if_allowed(lambda: connection.list(kind), unseen)
        return tuple(each for each in listed if dig(each, "spec", "installation") == name_of(erp))

    return Sight(
        erp=erp,
        now=now or datetime.now(UTC),
        releases=about_it(RELEASES),
        deployments=owned(DEPLOYMENTS),
        stateful_sets=owned(STATEFUL_SETS),
        pods=owned(PODS),
        gates=about_it(GATES),
        approvals=about_it(APPROVALS),
        waivers=about_it(WAIVERS),
        trail=_trail(erp, connection, unseen),
        unseen=tuple(unseen),
    )


def _trail(erp: Object, connection: Connection, unseen: list[str]) -> Chain:
    labels = {INSTANCE_LABEL: name_of(erp), TRAIL_LABEL: "page"}
    pages = _if_allowed(lambda: connection.list(CONFIG_MAPS, labels), unseen)
    return read_chain(pages, Names(name_of(erp), connection.namespace, uid_of(erp)))


def _if_allowed(read: Callable[[], list[Object]], unseen: list[str]) -> tuple[Object, ...]:
    try:
        return tuple(read())
    except UnseenError as refused:
        unseen.append(str(refused))
        return ()
