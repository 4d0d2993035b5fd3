"""An installation with backups in memory: the driver of the data operations, the Jobs of the tool, and a store."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry
from tests.support.cluster_in_memory import ClusterInMemory
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.backups.metrics import DataMetrics
from valeo_operator.backups.reconcile import DataReconciler
from valeo_operator.backups.standing import OWN_CONDITIONS
from valeo_operator.cluster.kinds import BACKUPS, ERPS, JOBS, LEASES, PODS, RELEASES, RESTORES, SERVICES, Kind
from valeo_operator.cluster.objects import Object, dig, name_of, namespace_of, uid_of
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.installations.facts import Answer
from valeo_operator.installations.names import INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER
from valeo_operator.installations.reconcile import AT_ONCE, Pass
from valeo_operator.installations.status import stamp

RELEASE = f"{NAME}-1a2b3c4d5e-blue"
FULL = {"error": "no_space", "message": "the store is full"}
ROTTEN = {"error": "broken", "message": "documents.dat is not what was put there"}
UNREACHED = {"error": "RecoveryError", "message": "The log ends before the point never-named."}
OTHERS: dict[str, dict[str, Any]] = {
    "verify": {"verified": True},
    "carry-erasures": {"erased": 2},
    "drop-replaced": {"kept": "valeo_before_1", "dropped": True},
}
DIGEST = f"sha256:{'ab' * 32}"


def running_installation(**backup: Any) -> Object:
    """A ValeoERP whose release is active and that asks for backups."""
    return {
        "metadata": {"name": NAME, "namespace": NAMESPACE, "finalizers": ["valeoerp.io/installation"]},
        "spec": {
            "image": "valeo-erp:1.0.0",
            "publicURL": "http://127.0.0.1:8080",
            "auth": {"developmentProvider": {}},
            "backup": backup,
        },
        "status": {"phase": "Complete", "activeRelease": RELEASE, "schemaRevision": "0001", "conditions": []},
    }


def release() -> Object:
    labels = {INSTANCE_LABEL: NAME, MANAGED_BY_LABEL: MANAGER}
    return {
        "metadata": {"name": RELEASE, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "installation": NAME,
            "version": "1.0.0",
            "image": "valeo-erp:1.0.0",
            "digest": DIGEST,
            "configHash": "0" * 8,
            "schemaRevision": "0001",
            "oldestSchemaRevision": "0001",
            "colour": "blue",
        },
    }


@dataclass
class Tool:
    """`valeo-erp backup …` with a store in memory. `broken` holds what does not work: a task, or `hangs`, `proof`."""

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    corrupt: set[str] = field(default_factory=set)
    rotten: set[str] = field(default_factory=set)
    runs: list[str] = field(default_factory=list)
    at_one_time: int = 0
    inexact: bool = False
    breaks: tuple[str, ...] = ()
    swapped: bool = False
    hangs: str = ""

    def run(self, task: str, words: Mapping[str, str], now: datetime) -> dict[str, Any]:
        self.runs.append(" ".join([task, words.get("--name", "")]).strip())
        name = words.get("--name", "")
        match task:
            case "make":
                told = {
                    "name": name,
                    "revision": "0001",
                    "began": stamp(now),
                    "ended": stamp(now),
                    "bytes": 1000,
                    "files": 3,
                    "tables": 9,
                    "rows": 99,
                    "manifest_sha256": "ab" * 32,
                    "fingerprint": "cd" * 32,
                    "encrypted_with": None,
                    "verified": True,
                }
                self.stored[name] = told
                return told
            case "delete":
                self.stored.pop(name, None)
                return {"name": name, "deleted": True}
            case "list":
                return {"backups": [self._listed(each) for _, each in sorted(self.stored.items())]}
            case "drill" | "restore":
                differences = ["table documents: 9 rows, 10 expected"] if self.inexact else []
                told = {"name": name, "revision": "0001", "exact": not self.inexact, "differences": differences}
                return {**told, "invariants": list(self.breaks), "seconds": 4.2}
            case "swap" | "swap-back":
                self.swapped = task == "swap"
                return {"kept": "valeo_before_1", "erased": 1} if task == "swap" else {}
            case "verify" | "carry-erasures" | "drop-replaced":
                return {**self.stored.get(name, {}), **OTHERS[task]}
            case _:
                raise AssertionError(f"no such task: {task}")

    def _listed(self, each: dict[str, Any]) -> dict[str, Any]:
        if each["name"] in self.corrupt:
            return {"name": each["name"], "corrupt": True, "reason": "the hash of documents.dat differs"}
        return each


@dataclass
class DataLife:
    """An installation over time: passes of the driver, Jobs that end, seconds of the clock."""

    cluster: ClusterInMemory = field(default_factory=ClusterInMemory)
    tool: Tool = field(default_factory=Tool)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new process of the operator."""
        self.registry = CollectorRegistry()
        metrics = DataMetrics(self.registry, lambda: self.cluster.now)
        self.reconciler = DataReconciler(self, self, lambda: self.cluster.now, metrics)

    # --- DataCluster and Asker ----------------------------------------------------------------------------------------

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        return await self.cluster.get(kind, namespace, name)

    async def list(self, kind: Kind, namespace: str | None, labels: Mapping[str, str]) -> list[Object]:
        return await self.cluster.list(kind, namespace, labels)

    async def create(self, kind: Kind, wanted: Object) -> Object:
        return await self.cluster.create(kind, wanted)

    async def apply(self, kind: Kind, wanted: Object, subresource: str = "") -> Object:
        if kind is ERPS:  # conditions are a map by type, and others write beside
            before = self.cluster.find(ERPS, name_of(wanted)) or {}
            kept = dict(dig(before, "status") or {})
            others = [each for each in kept.get("conditions", ()) if each["type"] not in OWN_CONDITIONS]
            ours = dict(wanted["status"])
            ours["conditions"] = [*others, *ours.get("conditions", ())]
            kept = {key: value for key, value in kept.items() if key not in {"backup", "backups", "pointInTime"}}
            self.cluster.change(ERPS, NAMESPACE, NAME, lambda erp: erp.update(status={**kept, **ours}))
            return self.erp
        return await self.cluster.apply(kind, wanted, subresource)

    async def delete(self, kind: Kind, namespace: str, name: str, uid: str = "") -> None:
        await self.cluster.delete(kind, namespace, name, uid)

    async def log(self, _namespace: str, pod: str, _lines: int, _container: str = "") -> str:
        found = self.cluster.find(PODS, pod)
        if found is None:
            raise RefusedError(404, "NotFound", pod)
        return str(found.get("log", ""))

    async def ask(self, _service: Object) -> Answer:
        if "proof" in self.tool.broken and self.tool.swapped:
            return Answer(problem="no answer")
        return Answer(ready=True, release=RELEASE, version="1.0.0", schema_revision="0001")

    # --- what happens -------------------------------------------------------------------------------------------------

    def begin(self, **backup: Any) -> None:
        """The user applies an installation with backups; its release is active already."""
        self.cluster.put(ERPS, running_installation(**backup))
        self.cluster.put(RELEASES, release())
        labels = {INSTANCE_LABEL: NAME, MANAGED_BY_LABEL: MANAGER}
        service = {"metadata": {"name": NAME, "namespace": NAMESPACE, "labels": labels}, "spec": {"selector": {}}}
        self.cluster.put(SERVICES, service)

    def look(self) -> Pass:
        """One pass of the driver."""
        try:
            return asyncio.run(self.reconciler.reconcile(NAMESPACE, NAME))
        except RefusedError as refused:
            if not refused.is_conflict:
                raise
            return Pass(AT_ONCE)

    def go_on(self, rounds: int = 30, seconds: float = 2) -> None:
        """Passes, Jobs and clock take turns."""
        for _ in range(rounds):
            self.look()
            self.work()
            self.cluster.pass_time(seconds)

    def work(self) -> None:
        """Jobs end. While one runs, no other one of a data operation does."""
        running = [job for job in self.cluster.all(JOBS) if not dig(job, "status", "conditions")]
        writing = [job for job in running if dig(job, "spec", "template", "spec", "containers")[0]["name"] != "list"]
        self.tool.at_one_time = max(self.tool.at_one_time, len(writing))
        for job in running:
            self._run(job)

    def _run(self, job: Object) -> None:
        container = job["spec"]["template"]["spec"]["containers"][0]
        task, args = container["name"], list(container["args"])
        if task == self.tool.hangs or ("hangs" in self.tool.broken and task != "list"):
            return
        words = dict(zip(args[2::2], args[3::2], strict=True))
        recovers = "initContainers" in job["spec"]["template"]["spec"]
        not_recovered = recovers and "recover" in self.tool.broken
        fails = task in self.tool.broken or not_recovered
        rotten = task == "verify" and words["--name"] in self.tool.rotten
        fails |= rotten
        lack = UNREACHED if not_recovered else ROTTEN if rotten else FULL
        told = dict(lack) if fails else self.tool.run(task, words, self.cluster.now)
        message = "" if task == "list" and not fails else json.dumps(told)
        name = f"{name_of(job)}-pod"
        self.cluster.put(
            PODS,
            {
                "metadata": {
                    "name": name,
                    "namespace": namespace_of(job),
                    "labels": {
                        **job["spec"]["template"]["metadata"]["labels"],
                        "batch.kubernetes.io/job-name": name_of(job),
                    },
                    "ownerReferences": [{"uid": uid_of(job)}],
                },
                "log": json.dumps(told),
                "status": {
                    "initContainerStatuses" if not_recovered else "containerStatuses": [
                        {"name": task, "state": {"terminated": {"exitCode": int(fails), "message": message}}}
                    ]
                },
            },
        )
        time = stamp(self.cluster.now)
        ended = {"type": "Failed" if fails else "Complete", "status": "True", "lastTransitionTime": time}
        status = {"startTime": time, "conditions": [ended]}
        self.cluster.change(JOBS, NAMESPACE, name_of(job), lambda each: each.update(status=status))

    def ask_for_backup(self, name: str = "by-hand", **spec: Any) -> None:
        """A person makes a ValeoBackup."""
        wanted = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"installation": NAME, **spec}}
        self.cluster.put(BACKUPS, wanted)

    def ask_for_restore(self, name: str = "again", **spec: Any) -> None:
        """A person makes a ValeoRestore."""
        wanted = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"installation": NAME, **spec}}
        self.cluster.put(RESTORES, wanted)

    # --- what is seen -------------------------------------------------------------------------------------------------

    @property
    def erp(self) -> Object:
        """The resource as it is."""
        found = self.cluster.find(ERPS, NAME)
        assert found is not None
        return found

    @property
    def told(self) -> Object:
        """What is told of the backups."""
        told: Object = dig(self.erp, "status", "backups") or {}
        return told

    def condition(self, kind: str) -> tuple[str, str]:
        """Status and reason of a condition."""
        found = next(each for each in self.erp["status"]["conditions"] if each["type"] == kind)
        return found["status"], found["reason"]

    def phases(self, kind: Kind = BACKUPS) -> dict[str, str]:
        """The phase of each backup or restore."""
        return {name_of(each): str(dig(each, "status", "phase")) for each in self.cluster.all(kind)}

    def status(self, name: str, kind: Kind = BACKUPS) -> Object:
        """The status of one of them."""
        found = self.cluster.find(kind, name)
        assert found is not None, f"there is no {kind.name} {name}; there are {sorted(self.phases(kind))}"
        status: Object = found.get("status", {})
        return status

    @property
    def is_locked(self) -> bool:
        """Whether a data operation holds the lock."""
        return bool(self.cluster.all(LEASES))

    def number(self, name: str) -> float | None:
        """A number as Prometheus sees it."""
        return self.registry.get_sample_value(name, {"namespace": NAMESPACE, "installation": NAME})
