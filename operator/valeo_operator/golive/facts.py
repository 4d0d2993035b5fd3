"""What was seen of one installation and its surroundings, for the checks. Frozen; no secret value is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from valeo_operator.api.golive import Environment
from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import DEPLOYMENTS, PODS, Kind
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.golive.certificates import Certificate
from valeo_operator.golive.logs import LogFacts
from valeo_operator.installations.names import COLOUR_LABEL, COMPONENT_LABEL, INSTANCE_LABEL, Component, Names


@dataclass(frozen=True)
class Unseen:
    """Objects that could not be listed. `absent`: the cluster does not know their kind at all."""

    why: str
    absent: bool = False


@dataclass(frozen=True)
class Reply:
    """What a web address answered. `problem` says why there was no answer; then everything else is empty."""

    status: int = 0
    content_type: str = ""
    text: str = ""
    json: Any = None
    problem: str = ""


class Attempt(Enum):
    """What came of a connection that the policies forbid."""

    NOT_TRIED = "not tried"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Leak:
    """A place outside of a Secret that holds what only a Secret may hold."""

    where: str
    what: str


_NOBODY_ASKED = Reply(problem="nobody asked")


@dataclass(frozen=True)
class Watched:
    """What Prometheus, Alertmanager and Grafana answered.

    Attributes:
        rules: alert rules that Prometheus evaluates.
        alertmanagers: to which Alertmanagers it sends.
        alerts: the test alert as Alertmanager has it.
        counts: what Alertmanager counts of its notifications.
        dashboards: what Grafana finds.
        memory: samples of the resident bytes of the active pods over an hour, from Prometheus.
        rates: requests a second of the last ten minutes, and on average of the day before, from Prometheus.
    """

    rules: Reply = _NOBODY_ASKED
    alertmanagers: Reply = _NOBODY_ASKED
    alerts: Reply = _NOBODY_ASKED
    counts: Reply = _NOBODY_ASKED
    dashboards: Reply = _NOBODY_ASKED
    memory: Reply = _NOBODY_ASKED
    rates: Reply = _NOBODY_ASKED


@dataclass(frozen=True)
class Facts:
    """Everything that the checks may depend on.

    Attributes:
        objects: by kind, what is in the namespace (or the cluster), or why that is not known.
        secrets: names of the keys of each Secret that was looked for; None where it is not there.
        leaks: where secret values were found; None where it was not looked for.
        certificate: of the host; a text says why there is none.
        web: answers through the active Service, by path.
        scrapes: numbers of each pod of the active colour, by pod.
        handbook: paths of the documents that the active release carries; a text says why they are not known.
        documents: those of them that the checklist names, by path.
        logs: of each pod of the active release; None where they could not be read.
        watched: what is asked of Prometheus, Alertmanager and Grafana.
    """

    erp: ValeoERP
    now: datetime
    objects: Mapping[Kind, tuple[Object, ...] | Unseen] = field(default_factory=dict)
    namespace: Object | None = None
    secrets: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    leaks: tuple[Leak, ...] | None = None
    certificate: Certificate | str = "nobody looked"
    web: Mapping[str, Reply] = field(default_factory=dict)
    scrapes: Mapping[str, Reply] = field(default_factory=dict)
    discovery: Reply = Reply(problem="nobody asked")
    keys: Reply = Reply(problem="nobody asked")
    forbidden: Attempt = Attempt.NOT_TRIED
    handbook: frozenset[str] | str = "nobody asked"
    documents: Mapping[str, str] = field(default_factory=dict)
    logs: LogFacts | None = None
    watched: Watched = Watched()

    @cached_property
    def names(self) -> Names:
        """The names of everything that belongs to the installation."""
        return Names.of(self.erp.metadata)

    @property
    def environment(self) -> Environment:
        """What the installation is for."""
        asked = self.erp.spec.go_live
        return Environment.PRODUCTION if asked is None else asked.environment

    def seen(self, kind: Kind) -> tuple[Object, ...]:
        """The objects of a kind; none where they could not be seen (ask `unseen` first)."""
        found = self.objects.get(kind, ())
        return () if isinstance(found, Unseen) else found

    def unseen(self, kind: Kind) -> Unseen | None:
        """Why the objects of a kind are not known; None where they are."""
        found = self.objects.get(kind)
        if found is None:
            return Unseen("nobody looked")
        return found if isinstance(found, Unseen) else None

    def owned(self, kind: Kind) -> list[Object]:
        """The objects of a kind that belong to the installation."""
        return [each for each in self.seen(kind) if label(each, INSTANCE_LABEL) == self.names.name]

    @property
    def colour(self) -> Colour | None:
        """The active colour."""
        return self.erp.status.active_colour

    @property
    def deployment(self) -> Object | None:
        """The Deployment of the active colour."""
        if self.colour is None:
            return None
        wanted = self.names.colour(self.colour)
        return next((each for each in self.seen(DEPLOYMENTS) if name_of(each) == wanted), None)

    def pods(self, component: Component, colour: Colour | None = None) -> list[Object]:
        """Pods of the installation that are not being deleted."""
        return [
            pod
            for pod in self.owned(PODS)
            if label(pod, COMPONENT_LABEL) == component.value
            and (colour is None or label(pod, COLOUR_LABEL) == colour.value)
            and not dig(pod, "metadata", "deletionTimestamp")
        ]

    def reply(self, path: str) -> Reply:
        """What the active Service answered."""
        return self.web.get(path, Reply(problem="nobody asked"))
