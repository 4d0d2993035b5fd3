"""The Jobs of the data operations, and where one of them stands. Pure.

A Job runs `valeo-erp backup …` in the image of the active release. Its name says what it is for and which attempt it
is, so that an operator that was killed finds its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from valeo_operator.api.backup_settings import Backup, BackupDestination
from valeo_operator.api.point_in_time import Point
from valeo_operator.backups.facts import DataFacts
from valeo_operator.cluster.kinds import JOBS
from valeo_operator.cluster.objects import Object, born, condition, dig, fingerprint, holds, label, moment, name_of
from valeo_operator.colours.desired import image_of
from valeo_operator.databases.desired import EMBEDDED_NAME, Connection, connection
from valeo_operator.errands.job import RESULT, attempt_of, database_environment, hardened, pod_of, secret_mounts
from valeo_operator.errands.plan import parse_result
from valeo_operator.installations.decisions import Create
from valeo_operator.installations.names import ATTEMPT_LABEL, Component, Names
from valeo_operator.recovery.desired import archiving
from valeo_operator.recovery.pod import COPY, STORE, room_mount, with_recovery
from valeo_operator.recovery.pod import PORT as COPY_PORT
from valeo_operator.upkeep.troubles import last_words, pod_trouble

_CREDENTIALS: Final = "/etc/valeo"
_KEYS: Final = "/etc/valeo-backup/keys"
_STORE_LOGIN: Final = "/etc/valeo-backup/store"
_VOLUME: Final = "/backups"
_PAUSE: Final = timedelta(seconds=10)


class Task(StrEnum):
    """What a Job does; the word is also the subcommand of `valeo-erp backup`."""

    MAKE = "make"
    VERIFY = "verify"
    LIST = "list"
    DELETE = "delete"
    RESTORE = "restore"
    DRILL = "drill"
    CARRY_ERASURES = "carry-erasures"
    SWAP = "swap"
    SWAP_BACK = "swap-back"
    DROP_REPLACED = "drop-replaced"


# A Job that takes longer is ended.
TIME_LIMITS: Final = {
    Task.MAKE: 3600,
    Task.VERIFY: 3600,
    Task.LIST: 600,
    Task.DELETE: 600,
    Task.RESTORE: 4 * 3600,
    Task.DRILL: 4 * 3600,
    Task.CARRY_ERASURES: 600,
    Task.SWAP: 300,
    Task.SWAP_BACK: 300,
    Task.DROP_REPLACED: 300,
}
ATTEMPTS: Final = {
    Task.MAKE: 2,
    Task.VERIFY: 2,
    Task.LIST: 3,
    Task.DELETE: 3,
    Task.RESTORE: 1,
    Task.DRILL: 1,
    Task.CARRY_ERASURES: 3,
    Task.SWAP: 3,
    Task.SWAP_BACK: 10,
    Task.DROP_REPLACED: 3,
}
_AS_OWNER_ONLY: Final = frozenset({Task.MAKE, Task.VERIFY, Task.LIST, Task.DELETE, Task.CARRY_ERASURES})
_IN_STORE: Final = frozenset({Task.MAKE, Task.VERIFY, Task.LIST, Task.DELETE, Task.RESTORE, Task.DRILL})


@dataclass(frozen=True)
class Work:
    """One piece of work. `subject` tells it from others of the same task; equal work has the same Jobs.

    `point`: the point in time that is recovered before, instead of a backup out of the store.
    """

    task: Task
    subject: str
    destination: BackupDestination
    words: tuple[str, ...] = ()
    point: Point | None = None

    @property
    def key(self) -> str:
        """The value of the label by which its Jobs are found."""
        return f"data-{self.task.value}-{fingerprint([self.subject, self.destination.name, self.words])}"

    @property
    def is_in_store(self) -> bool:
        """Whether it reads or writes the store of a destination."""
        return self.task in _IN_STORE and self.point is None

    def job_name(self, names: Names, attempt: int) -> str:
        """Name of the Job of one attempt."""
        return f"{names.name}-{self.key.removeprefix('data-')}-{attempt}"


class State(StrEnum):
    """Where work stands."""

    NOT_BEGUN = "not begun"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Standing:
    """Where work stands. `told`: what the Job wrote as its result. `words`: why it failed, or what it waits for."""

    state: State
    attempt: int = 0
    told: Mapping[str, Any] | None = None
    words: str = ""
    send: tuple[Create, ...] = ()
    ended: datetime | None = None
    began: datetime | None = None
    job: str = ""


def standing(work: Work, facts: DataFacts, now: datetime) -> Standing:
    """Where this work stands, and the Job to send now, if any."""
    sent = facts.jobs_of(work.key)
    if not sent:
        return Standing(State.NOT_BEGUN, send=(Create(JOBS, job(work, 1, facts)),))
    last = max(sent, key=_attempt)
    if holds(last, "Complete") or holds(last, "SuccessCriteriaMet"):
        return _completed(work, last, facts, now)
    if holds(last, "Failed") or holds(last, "FailureTarget"):
        return _failed(work, last, facts, now)
    trouble = pod_trouble(facts.pods_of(last), now)
    words = trouble.sentence if trouble else ""
    return Standing(State.RUNNING, _attempt(last), words=words, began=born(last), job=name_of(last))


def _attempt(found: Object) -> int:
    return int(label(found, ATTEMPT_LABEL) or 0)


def _completed(work: Work, last: Object, facts: DataFacts, now: datetime) -> Standing:
    ended = _terminated(last, facts)
    told = None if ended is None else parse_result(str(ended.get("message") or ""))
    if told is None and work.task is not Task.LIST:  # a listing is too long for a termination message
        return _again(work, last, facts, now, "it ended well, but what it told is lost", None)
    return Standing(
        State.DONE, _attempt(last), told or {}, ended=_ended_at(last), began=_began_at(last), job=name_of(last)
    )


def _failed(work: Work, last: Object, facts: DataFacts, now: datetime) -> Standing:
    ended = _terminated(last, facts)
    told = None if ended is None else parse_result(str(ended.get("message") or ""))
    if ended is None:
        reason = dig(condition(last, "Failed") or {}, "reason")
        return _again(work, last, facts, now, f"its pod is gone ({reason or 'no reason'})", None)
    words = str((told or {}).get("message") or (told or {}).get("error") or last_words(ended))
    return _again(work, last, facts, now, words, told)


def _again(
    work: Work, last: Object, facts: DataFacts, now: datetime, words: str, told: Mapping[str, Any] | None
) -> Standing:
    attempt, ended = _attempt(last), _ended_at(last)
    failed = Standing(State.FAILED, attempt, told, words[:1000], ended=ended, job=name_of(last))
    if attempt >= ATTEMPTS[work.task]:
        return failed
    if ended is not None and now < ended + _PAUSE * attempt:
        return Standing(State.RUNNING, attempt, words=f"attempt {attempt} failed: {words[:900]}", job=name_of(last))
    again = Create(JOBS, job(work, attempt + 1, facts))
    return Standing(State.RUNNING, attempt, words=f"attempt {attempt} failed: {words[:900]}", send=(again,))


def _terminated(of: Object, facts: DataFacts) -> Mapping[str, Any] | None:
    """How the container ended that did the work; or the one before it that failed, so that it never began."""
    for pod in facts.pods_of(of):
        before = [
            each
            for each in dig(pod, "status", "initContainerStatuses") or ()
            if dig(each, "state", "terminated", "exitCode") and each["name"] != COPY
        ]
        for container in (*before, *(dig(pod, "status", "containerStatuses") or ())):
            ended: Mapping[str, Any] | None = dig(container, "state", "terminated")
            if ended:
                return ended
    return None


def _ended_at(last: Object) -> datetime | None:
    ends = [condition(last, kind) for kind in ("Failed", "Complete")]
    return next((moment(each.get("lastTransitionTime")) for each in ends if each), None)


def _began_at(last: Object) -> datetime | None:
    return moment(dig(last, "status", "startTime")) or born(last)


# --- the Job ----------------------------------------------------------------------------------------------------------


def volume_name(names: Names, destination: BackupDestination) -> str:
    """The PersistentVolumeClaim of a destination."""
    return f"{names.backups_prefix}{destination.name}"


def volume(names: Names, destination: BackupDestination) -> Object | None:
    """The volume of a destination. It has no owner: it stays when the resource goes."""
    asked = destination.volume
    if asked is None:
        return None
    spec: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": asked.size}}}
    if asked.storage_class_name:
        spec["storageClassName"] = asked.storage_class_name
    return {"metadata": names.metadata(volume_name(names, destination), Component.JOB, owned=False), "spec": spec}


def store_address(names: Names, destination: BackupDestination) -> str:
    """Where the tool finds the store."""
    bucket = destination.s3
    if bucket is None:
        return f"file://{_VOLUME}/{names.name}"
    return "/".join(part for part in (f"s3://{bucket.bucket}", bucket.prefix, names.name) if part)


def job(work: Work, attempt: int, facts: DataFacts) -> Object:
    """The Job of one attempt."""
    release, spec = facts.active_release, facts.erp.spec
    in_store = ["--store", store_address(facts.names, work.destination)] if work.task in _IN_STORE else []
    in_store = ["--store", STORE] if work.point is not None else in_store
    mounts, volumes = _mounts(work, facts)
    container = hardened(
        work.task.value,
        image_of(release) if release is not None else spec.image,
        spec.image_pull_policy.value,
        ["backup", work.task.value, *in_store, *work.words, "--result", RESULT],
        dict(sorted(_environment(work, facts).items())),
        mounts,
        {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
    )
    of = pod_of(container, volumes, fsGroupChangePolicy="OnRootMismatch")
    if work.point is not None:
        of = _recovered_before(of, container, work, facts)
    return attempt_of(work.job_name(facts.names, attempt), work.key, attempt, TIME_LIMITS[work.task], facts.names, of)


def _recovered_before(of: Object, container: Object, work: Work, facts: DataFacts) -> Object:
    """The same pod, after a copy of the server was recovered to the point and dumped."""
    embedded = facts.erp.spec.embedded_database
    asked = archiving(embedded) if embedded is not None else None
    if embedded is None or asked is None or work.point is None:
        raise ValueError("a point in time can be recovered from the archive of the embedded database only")
    copy = Connection("127.0.0.1", COPY_PORT, EMBEDDED_NAME, "disable", facts.names.migrator_secret)
    changed = {each["name"]: each["value"] for each in container["env"]} | database_environment(copy)
    name = work.words[work.words.index("--name") + 1]
    dump = {
        **container,
        "name": "dump",
        "args": ["backup", Task.MAKE.value, "--store", STORE, "--name", name, "--result", RESULT],
        "env": [{"name": key, "value": value} for key, value in changed.items()],
    }
    return with_recovery(of, work.point, embedded, asked, dump, facts.names)


def _secrets(work: Work, facts: DataFacts) -> dict[str, str]:
    """Which Secrets are mounted where."""
    way = connection(facts.erp.spec, facts.names)
    secrets = {way.migrator_secret: f"{_CREDENTIALS}/{way.migrator_secret}"}
    if way.ca_secret:
        secrets[way.ca_secret] = f"{_CREDENTIALS}/{way.ca_secret}"
    if facts.erp.spec.embedded_database is not None and work.task not in _AS_OWNER_ONLY:
        secrets[facts.names.admin_secret] = f"{_CREDENTIALS}/{facts.names.admin_secret}"
    if facts.settings.encryption is not None and work.point is None:
        secrets[facts.settings.encryption.secret_name] = _KEYS
    if work.destination.s3 is not None and work.point is None:
        secrets[work.destination.s3.credentials_secret] = _STORE_LOGIN
    return secrets


def _mounts(work: Work, facts: DataFacts) -> tuple[list[Object], list[Object]]:
    mounts, volumes = secret_mounts(_secrets(work, facts).items())
    if work.point is not None:
        mounts.append(room_mount())
    if work.destination.volume is not None and work.is_in_store:
        claim = volume_name(facts.names, work.destination)
        mounts.append({"name": "backups", "mountPath": _VOLUME})
        volumes.append({"name": "backups", "persistentVolumeClaim": {"claimName": claim}})
    return mounts, volumes


def _environment(work: Work, facts: DataFacts) -> dict[str, str]:
    way = connection(facts.erp.spec, facts.names)
    environment = {**database_environment(way), "VALEO_OWNER_CREDENTIALS_DIR": f"{_CREDENTIALS}/{way.migrator_secret}"}
    environment["VALEO_BACKUP_INSTALLATION"] = f"{facts.names.namespace}/{facts.names.name}"
    if facts.names.admin_secret in _secrets(work, facts):
        environment["VALEO_ADMIN_CREDENTIALS_DIR"] = f"{_CREDENTIALS}/{facts.names.admin_secret}"
    if work.point is not None:  # the dump never leaves the pod
        return environment
    return environment | _of_encryption(facts.settings) | _of_store(work.destination)


def _of_encryption(settings: Backup) -> dict[str, str]:
    if settings.encryption is None:
        return {}
    return {"VALEO_BACKUP_KEYS_DIR": _KEYS, "VALEO_BACKUP_KEY_ID": settings.encryption.key}


def _of_store(destination: BackupDestination) -> dict[str, str]:
    if destination.s3 is None:
        return {}
    return {
        "VALEO_BACKUP_S3_ENDPOINT": destination.s3.endpoint,
        "VALEO_BACKUP_S3_REGION": destination.s3.region,
        "VALEO_BACKUP_S3_CREDENTIALS_DIR": _STORE_LOGIN,
    }
