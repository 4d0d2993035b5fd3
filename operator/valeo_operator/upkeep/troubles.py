"""What keeps pods from running, in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from valeo_operator.api.conditions import Reason
from valeo_operator.cluster.kinds import PODS, Kind
from valeo_operator.cluster.objects import Object, born, condition, dig, moment, name_of, namespace_of, uid_of
from valeo_operator.installations.decisions import Delete, Finding

_NO_IMAGE: Final = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
)
_NO_CONFIG: Final = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_PATIENCE: Final = timedelta(seconds=20)
_ASK_ANEW_AFTER: Final = timedelta(seconds=60)
_CRASHES: Final = 2


def pod_trouble(pods: Iterable[Object], now: datetime) -> Finding | None:
    """The first thing that keeps one of these pods from running."""
    for pod in pods:
        found = _image(pod) or _config(pod) or _crash(pod) or _place(pod, now) or _start(pod, now)
        if found is not None:
            return found
    return None


def refused_pods(deployment: Object | None) -> Finding | None:
    """The API server lets a Deployment have fewer pods than it wants: a quota, a policy, a webhook."""
    seen = None if deployment is None else condition(deployment, "ReplicaFailure")
    if deployment is None or seen is None or seen.get("status") != "True":
        return None
    return _no_pods(
        f"Deployment/{name_of(deployment)}",
        f"not all of its pods can be made: {seen.get('message')}",
        "put right what the message names; a quota must have room for both colours and one Job",
    )


def lack_of_pods(kind: Kind, owner: Object, pods: Sequence[Object], now: datetime) -> Finding | None:
    """A Job or StatefulSet for which no pod was made for a while; only its events tell why."""
    if pods or not _older(owner, _PATIENCE, now):
        return None
    address = f"{kind.name}/{name_of(owner)}"
    hint = f"kubectl describe {address.lower()} names what stands in the way: a quota, an admission policy, a webhook"
    return _no_pods(address, "no pod was made for it", hint)


def _no_pods(subject: str, observed: str, next_step: str) -> Finding:
    return Finding(Reason.PODS_FAILING, subject, observed, "as many pods as it asks for", next_step, blocking=True)


def pods_to_ask_anew(pods: Iterable[Object], now: datetime) -> tuple[Delete, ...]:
    """Pods that never ran because of their image: a new pod asks at once, the old one only after up to five minutes.

    A StatefulSet also never replaces such a pod by itself when its image is corrected (kubernetes/kubernetes#67250).
    """
    return tuple(
        Delete(PODS, namespace_of(pod), name_of(pod), uid_of(pod), "its image could not be had; a new pod asks again")
        for pod in pods
        if _image(pod) is not None and _never_ran(pod) and _older(pod, _ASK_ANEW_AFTER, now)
    )


def _containers(pod: Object) -> list[dict[str, Any]]:
    return list(dig(pod, "status", "containerStatuses") or ())


def _never_ran(pod: Object) -> bool:
    return all(each.get("restartCount", 0) == 0 and dig(each, "state", "waiting") for each in _containers(pod))


def _older(pod: Object, age: timedelta, now: datetime) -> bool:
    since = born(pod)
    return since is not None and now - since >= age


def _image(pod: Object) -> Finding | None:
    for each in _containers(pod):
        reason = dig(each, "state", "waiting", "reason")
        if reason in _NO_IMAGE:
            return Finding(
                Reason.IMAGE_UNAVAILABLE,
                f"Pod/{name_of(pod)}",
                f"node {dig(pod, 'spec', 'nodeName')} can't get image {each.get('image')} ({reason})",
                "an image that the node holds or may pull",
                "correct the image in the spec, or make it available to the node; it is asked for again by itself",
                blocking=True,
            )
    return None


def _config(pod: Object) -> Finding | None:
    for each in _containers(pod):
        reason = dig(each, "state", "waiting", "reason")
        if reason in _NO_CONFIG:
            message = dig(each, "state", "waiting", "message") or reason
            return _failing(
                pod, f"container {each.get('name')} can't be created: {message}", "put right what the message names"
            )
    return None


def _crash(pod: Object) -> Finding | None:
    for each in _containers(pod):
        ended = dig(each, "lastState", "terminated")
        if each.get("restartCount", 0) >= _CRASHES and ended and not each.get("ready"):
            said = last_words(ended)
            times, code = each["restartCount"], ended.get("exitCode")
            observed = f"container {each.get('name')} ended {times} times, last with exit code {code}"
            return _failing(
                pod, f"{observed}: {said}" if said else observed, f"read kubectl logs --previous {name_of(pod)}"
            )
    return None


def last_words(terminated: Mapping[str, Any]) -> str:
    """What a container said before it ended: the last line of its termination message, else the kubelet's reason.

    SQLAlchemy ends every error with a line in brackets that leads to its documentation; that one tells nothing.
    """
    lines = [line.strip() for line in str(terminated.get("message") or "").splitlines()]
    lines = [line for line in lines if line and not line.startswith("(Background on")]
    return lines[-1][:500] if lines else str(terminated.get("reason") or "")


def _place(pod: Object, now: datetime) -> Finding | None:
    seen = condition(pod, "PodScheduled")
    if seen is None or seen.get("status") != "False" or not _older(pod, _PATIENCE, now):
        return None
    return _failing(
        pod, f"no node takes it: {seen.get('message')}", "give the cluster what the message names, or ask for less"
    )


def _start(pod: Object, now: datetime) -> Finding | None:
    starting = [each for each in _containers(pod) if dig(each, "state", "waiting", "reason") == "ContainerCreating"]
    placed = condition(pod, "PodScheduled")
    since = moment(placed.get("lastTransitionTime")) if placed else None
    if not starting or since is None or now - since < 2 * _PATIENCE:
        return None
    hint = f"kubectl describe pod {name_of(pod)} names the volume or Secret that is missing"
    return _failing(pod, "its volumes are not ready", hint)


def _failing(pod: Object, observed: str, next_step: str) -> Finding:
    return Finding(
        Reason.PODS_FAILING, f"Pod/{name_of(pod)}", observed, "a running, ready pod", next_step, blocking=True
    )
