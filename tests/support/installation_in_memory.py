"""A ValeoERP in a Kubernetes in memory, driven pass by pass."""

import asyncio
import copy
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry
from tests.support.cluster_in_memory import AskerInMemory, ClusterInMemory, Controllers, NumbersInMemory

from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.installations.reconcile import AT_ONCE, Pass, Reconciler
from valeo_operator.rotations.metrics import CredentialMetrics

NAMESPACE, NAME = "acme", "production"
GO_ALONG = {f"{NAME}-smoke", f"{NAME}-identity"}
"""Secrets with which nothing is lost: they go with the resource, all others stay."""
BRIEF = {"stabilitySeconds": 2, "drainSeconds": 2, "watchSeconds": 3}
"""A rollout whose windows are short; the clock of these worlds is turned by hand."""


def manifest(**spec: Any) -> Object:
    """The smallest ValeoERP, with these fields of the spec."""
    wanted = {
        "image": "valeo-erp:1.0.0",
        "publicURL": "http://127.0.0.1:8080",
        "auth": {"developmentProvider": {}},
        "rollout": BRIEF,
        **spec,
    }
    wanted = {key: value for key, value in wanted.items() if value is not None}
    return {"metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": wanted}


@dataclass
class Life:
    """An installation over time: passes of the operator, rounds of the controllers, seconds of the clock."""

    cluster: ClusterInMemory = field(default_factory=ClusterInMemory)

    def __post_init__(self) -> None:
        self.controllers = Controllers(self.cluster)
        self.restart()

    def restart(self) -> None:
        """A new process of the operator: nothing is left of the old one but what the cluster holds."""
        asker = AskerInMemory(self.cluster, self.controllers)
        numbers = NumbersInMemory(self.controllers)
        self.registry = CollectorRegistry()
        credentials = CredentialMetrics(self.registry, lambda: self.cluster.now)
        self.reconciler = Reconciler(self.cluster, asker, numbers, lambda: self.cluster.now, credentials)

    def copied(self) -> "Life":
        """The same world once more, with a new process of the operator and no effects so far."""
        observer, self.cluster.on_effect = self.cluster.on_effect, None
        made = Life(cluster=copy.deepcopy(self.cluster))
        self.cluster.on_effect = observer
        made.cluster.effects.clear()
        made.controllers = copy.deepcopy(self.controllers, {id(self.cluster): made.cluster})
        made.restart()
        return made

    def apply(self, **spec: Any) -> None:
        """The user applies the resource."""
        wanted = manifest(**spec)
        if self.cluster.find(ERPS, NAME) is None:
            self.cluster.put(ERPS, wanted)
        else:
            self.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp.update(spec=wanted["spec"]))

    def look(self) -> Pass:
        """One pass of the operator; a lost compare-and-set is a pass that did nothing."""
        try:
            return asyncio.run(self.reconciler.reconcile(NAMESPACE, NAME))
        except RefusedError as refused:
            if not refused.is_conflict:
                raise
            return Pass(next_in=AT_ONCE)

    def go_on(self, rounds: int = 40, seconds: float = 1) -> None:
        """Passes, controllers and clock take turns, until the rounds are over or nothing changes any more."""
        still = 0
        for _ in range(rounds):
            before = self.cluster.version
            done = self.look()
            self.controllers.work()
            still = still + 1 if self.cluster.version == before and self._is_settled() else 0
            self.cluster.pass_time(seconds)
            if done.gone or still == 2:
                return

    def _is_settled(self) -> bool:
        found = self.cluster.find(ERPS, NAME)
        return found is None or dig(found, "status", "phase") == "Complete"

    @property
    def erp(self) -> Object:
        """The resource as it is."""
        found = self.cluster.find(ERPS, NAME)
        assert found is not None
        return found

    @property
    def status(self) -> Object:
        """Its status."""
        status: Object = self.erp.get("status", {})
        return status

    @property
    def annotations(self) -> Object:
        """Its annotations."""
        return dict(self.erp["metadata"].get("annotations", {}))

    def condition(self, kind: str) -> Object:
        """One condition of its status."""
        found: Object = next(each for each in self.status["conditions"] if each["type"] == kind)
        return found


def annotate(life: Life, **acts: str | None) -> None:
    """A person asks for something by annotation: abort, promote, retry, rollback, contract. None takes it away."""

    def change(erp: Object) -> None:
        held = {
            **erp["metadata"].get("annotations", {}),
            **{f"valeoerp.io/{act}": value for act, value in acts.items()},
        }
        erp["metadata"]["annotations"] = {key: value for key, value in held.items() if value is not None}

    life.cluster.change(ERPS, NAMESPACE, NAME, change)
