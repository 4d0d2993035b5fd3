"""Checks of what is in the cluster around the ERP."""

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from valeo_operator.api.conditions import ConditionStatus, ConditionType
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.cluster.kinds import (
    AUTOSCALERS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    INGRESSES,
    NETWORK_POLICIES,
    PODS,
    QUOTAS,
    Kind,
)
from valeo_operator.cluster.objects import Object, condition, dig, holds, label, name_of
from valeo_operator.golive.facts import Attempt, Facts
from valeo_operator.golive.kinds import (
    INGRESS_CLASSES,
    POD_METRICS,
)
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown
from valeo_operator.installations.names import RELEASE_LABEL, Component
from valeo_operator.upkeep.differences import quantity

FEWEST_DAYS: Final = 14
_MOST_MEMORY: Final = Decimal("0.8")
_SHARED: Final = re.compile(r"^(default|kube-.*)$")
_LIMITED: Final = {
    "CPU": ("limits.cpu", "requests.cpu", "cpu"),
    "memory": ("limits.memory", "requests.memory", "memory"),
    "pods": ("pods", "count/pods"),
}
_NAMES_A_SECRET: Final = re.compile(r"(password|passwd|secret|token|private.?key|api.?key|credential)", re.IGNORECASE)


def _not_listed(facts: Facts, *kinds: Kind) -> Outcome | None:
    for kind in kinds:
        if why := facts.unseen(kind):
            return unknown(f"{kind.plural} could not be listed: {why.why}.", "Look at the rights of the operator.")
    return None


def namespace(facts: Facts) -> Outcome:
    """A namespace of its own, in use."""
    found = facts.namespace
    if found is None:
        return unknown("The namespace could not be read.", "Look at the rights of the operator.")
    name = name_of(found)
    ready = sum(holds(pod, "Ready") for pod in facts.pods(Component.ERP))
    seen = {"namespace": name, "phase": dig(found, "status", "phase"), "ready_pods": ready}
    if _SHARED.match(name):
        return failed(f"{name} is a namespace of the cluster itself.", "Use a namespace of its own.", **seen)
    if seen["phase"] != "Active":
        return failed(f"The namespace {name} is {seen['phase']}.", "Make it anew.", **seen)
    if not ready:
        return failed(f"No pod of the ERP is ready in {name}.", "Look why the pods are not ready.", **seen)
    return passed(f"The namespace {name} is active and the ERP runs in it.", **seen)


def resource_quota(facts: Facts) -> Outcome:
    """CPU, memory and the number of pods are limited, and the cluster counts."""
    if hidden := _not_listed(facts, QUOTAS):
        return hidden
    hard: dict[str, str] = {}
    for quota in facts.seen(QUOTAS):
        hard.update(dig(quota, "status", "hard") or {})
    missing = [what for what, keys in _LIMITED.items() if not any(key in hard for key in keys)]
    if missing:
        return failed(
            f"No ResourceQuota limits {', '.join(missing)}.",
            f"Create a ResourceQuota in {facts.names.namespace} with limits.cpu, limits.memory and pods.",
            limited=sorted(hard),
        )
    return passed("A ResourceQuota limits CPU, memory and the number of pods.", hard=hard)


def network_policies(facts: Facts) -> Outcome:
    """A policy that nobody enforces is no protection: a forbidden connection must really be refused."""
    if hidden := _not_listed(facts, NETWORK_POLICIES):
        return hidden
    names = sorted(name_of(each) for each in facts.seen(NETWORK_POLICIES))
    if not any(_denies_all(each, facts) for each in facts.seen(NETWORK_POLICIES)):
        return failed(
            "No NetworkPolicy denies the pods of the installation everything in both directions.",
            "Wait for the operator, which makes it; or find out who deleted it.",
            policies=names,
        )
    match facts.forbidden:
        case Attempt.ACCEPTED:
            return failed(
                "The policies are there, and a connection to the database that they forbid was accepted: "
                "the network of this cluster does not enforce them.",
                "Use a network plugin that enforces NetworkPolicies.",
                policies=names,
                forbidden="accepted",
            )
        case Attempt.REFUSED if _is_alive(facts):
            message = "The policies are there, and a connection to the database that they forbid was refused."
            return passed(message, policies=names, forbidden="refused")
        case _:
            message = "The policies are there; whether a forbidden connection is refused could not be tried."
            return unknown(message, "It is tried with the embedded database while the ERP is ready.")


def _denies_all(policy: Object, facts: Facts) -> bool:
    spec: dict[str, Any] = policy.get("spec") or {}
    both = set(spec.get("policyTypes") or ()) == {"Ingress", "Egress"}
    selects = dig(spec, "podSelector", "matchLabels") or {}
    of_us = all(value == facts.names.labels(Component.ERP).get(key) for key, value in selects.items())
    only_labels = not dig(spec, "podSelector", "matchExpressions")
    whole = set(selects) <= {"app.kubernetes.io/instance"}  # a narrower one leaves pods of the installation open
    return both and of_us and only_labels and whole and not spec.get("ingress") and not spec.get("egress")


def _is_alive(facts: Facts) -> bool:
    """The control: that nothing answers proves something only where something would answer."""
    checks = dig(facts.reply("/readyz").json, "checks")
    return bool(dig(checks, "database") == "ok")


def ingress(facts: Facts) -> Outcome:
    """An Ingress that no controller took has no address."""
    if facts.erp.spec.ingress is None:
        message = "The installation asks for no Ingress: users can't reach it by a name."
        return failed(message, "Set spec.ingress.host.", ingress=None)
    if hidden := _not_listed(facts, INGRESSES):
        return hidden
    found = next((each for each in facts.seen(INGRESSES) if name_of(each) == facts.names.name), None)
    if found is None:
        return failed("The Ingress is not there.", "Wait for the operator, which makes it.", ingress=None)
    addresses = [
        str(each.get("ip") or each.get("hostname")) for each in dig(found, "status", "loadBalancer", "ingress") or ()
    ]
    if not addresses:
        classes = sorted(name_of(each) for each in facts.seen(INGRESS_CLASSES))
        return failed(
            "No ingress controller has taken the Ingress.",
            f"Install an ingress controller, or set spec.ingress.className to one of: {', '.join(classes) or 'none'}.",
            classes=classes,
        )
    return passed(f"An ingress controller serves {facts.erp.spec.ingress.host}.", addresses=addresses)


def tls_certificate(facts: Facts) -> Outcome:
    """For the host, and long enough that renewing it is no emergency."""
    asked = facts.erp.spec.ingress
    if asked is None or asked.tls is None:
        return failed("The installation asks for no TLS.", "Set spec.ingress.tls.", tls=None)
    certificate = facts.certificate
    if isinstance(certificate, str):
        return failed(f"There is no certificate: {certificate}.", "Look at the Secret of spec.ingress.tls.", tls=None)
    left = certificate.not_after - facts.now
    seen = {"not_after": certificate.not_after.isoformat(), "days_left": left.days, "hosts": list(certificate.hosts)}
    if not certificate.covers(asked.host):
        return failed(f"The certificate does not cover {asked.host}.", "Ask for one for this host.", **seen)
    if certificate.not_before > facts.now:
        return failed("The certificate is not valid yet.", "Look at the clocks.", **seen)
    if left <= timedelta(days=FEWEST_DAYS):
        return failed(f"The certificate ends in {left.days} days.", "Renew it.", **seen)
    return passed(f"The certificate covers {asked.host} and ends {certificate.not_after:%Y-%m-%d}.", **seen)


def database_secrets(facts: Facts) -> Outcome:
    """Logins are in Secrets that are mounted; no password comes by environment."""
    found = facts.deployment
    if found is None:
        return unknown("There is no Deployment of an active colour yet.", "Wait for the end of the rollout.")
    spec: dict[str, Any] = dig(found, "spec", "template", "spec") or {}
    mounted = sorted(set(_mounted_secrets(spec)) & {name for name, keys in facts.secrets.items() if _is_login(keys)})
    exposed = sorted(_literal_secrets(spec))
    seen = {"mounted": mounted, "by_environment": exposed}
    if exposed:
        message = f"Containers get secrets by environment: {', '.join(exposed)}."
        return failed(message, "Mount the Secret as files.", **seen)
    if not mounted:
        message = "No Secret with username and password is mounted in the pods."
        return failed(message, "Look at the Deployment of the active colour.", **seen)
    return passed(f"The login of the database is mounted from {', '.join(mounted)}.", **seen)


def _is_login(keys: frozenset[str] | None) -> bool:
    return keys is not None and {"username", "password"} <= keys


def _mounted_secrets(spec: dict[str, Any]) -> Iterable[str]:
    for volume in spec.get("volumes") or ():
        yield str(dig(volume, "secret", "secretName"))
        for source in dig(volume, "projected", "sources") or ():
            yield str(dig(source, "secret", "name"))


def _literal_secrets(spec: dict[str, Any]) -> Iterable[str]:
    """Environment entries that carry a secret: by value, or by reference to a Secret."""
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for each in container.get("env") or ():
            name = str(each.get("name"))
            if dig(each, "valueFrom", "secretKeyRef") or (each.get("value") and _names_a_secret(name, each["value"])):
                yield name
        yield from (
            str(dig(each, "secretRef", "name")) for each in container.get("envFrom") or () if each.get("secretRef")
        )


def _names_a_secret(name: str, value: str) -> bool:
    """A path to a file is no secret; a setting that says where one is, neither."""
    where_it_is = name.lower().endswith(("_file", "_dir", "_path", "_claim")) or str(value).startswith("/")
    return bool(_NAMES_A_SECRET.search(name)) and not where_it_is


def secrets_not_in_config_maps(facts: Facts) -> Outcome:
    """Neither by name nor by value."""
    if hidden := _not_listed(facts, CONFIG_MAPS, PODS):
        return hidden
    maps = facts.owned(CONFIG_MAPS)
    if facts.leaks is None or not maps or not facts.pods(Component.ERP):
        message = "The ConfigMaps and pods of the installation are not there yet."
        return unknown(message, "Wait for the end of the rollout.")
    named = [
        f"ConfigMap/{name_of(each)} {key}"
        for each in facts.seen(CONFIG_MAPS)
        for key, value in (each.get("data") or {}).items()
        if value and _names_a_secret(key, value)
    ]
    held = [f"{leak.where} holds {leak.what}" for leak in facts.leaks]
    if named or held:
        message = f"Outside of Secrets: {'; '.join([*held, *named][:5])}."
        return failed(message, "Move it into a Secret, and change it: it was readable.", places=[*held, *named][:20])
    looked_at = len(facts.seen(CONFIG_MAPS))
    return passed(f"None of {looked_at} ConfigMaps and no environment holds a secret.", config_maps=looked_at)


def autoscaling(facts: Facts) -> Outcome:
    """It sees its metrics and can scale."""
    if hidden := _not_listed(facts, AUTOSCALERS):
        return hidden
    targets = {facts.names.colour(colour) for colour in Colour}
    mine = [each for each in facts.seen(AUTOSCALERS) if dig(each, "spec", "scaleTargetRef", "name") in targets]
    if not mine:
        message = "No HorizontalPodAutoscaler scales the installation."
        return failed(message, "Create one for the active Deployment.", autoscalers=0)
    scaler = mine[0]
    able, active = condition(scaler, "AbleToScale"), condition(scaler, "ScalingActive")
    seen = {"autoscaler": name_of(scaler), "active": dig(active, "status"), "able": dig(able, "status")}
    if holds(scaler, "AbleToScale") and holds(scaler, "ScalingActive"):
        return passed(f"{name_of(scaler)} sees its metrics and can scale.", **seen)
    if dig(active, "reason") == "ScalingDisabled":
        return failed(f"{name_of(scaler)} is disabled.", "Give the Deployment at least one replica.", **seen)
    why = dig(active, "reason") or "it says nothing yet"
    return unknown(f"{name_of(scaler)} does not see its metrics: {why}.", "Install metrics-server.")


def pods_ready(facts: Facts) -> Outcome:
    """Every wanted pod, each of the active release."""
    found, colour = facts.deployment, facts.colour
    if found is None or colour is None:
        return unknown("There is no Deployment of an active colour yet.", "Wait for the end of the rollout.")
    if hidden := _not_listed(facts, PODS):
        return hidden
    wanted, release = int(dig(found, "spec", "replicas") or 0), facts.erp.status.active_release
    pods = facts.pods(Component.ERP, colour)
    ready = [pod for pod in pods if holds(pod, "Ready") and label(pod, RELEASE_LABEL) == release]
    seen = {"ready": len(ready), "wanted": wanted, "release": release}
    if wanted < 1 or len(ready) != wanted or len(pods) != wanted:
        message = f"{len(ready)}/{wanted} pods are ready and run {release}."
        return failed(message, "Look at the pods: kubectl describe pods.", **seen)
    return passed(f"{len(ready)}/{wanted} pods are ready and run {release}.", **seen)


def old_colour_gone(facts: Facts) -> Outcome:
    """After a rollout nothing of the old one runs."""
    colour = facts.colour
    if colour is None or facts.erp.status.phase is not Phase.COMPLETE:
        return unknown("The rollout has not ended.", "Wait for the end of the rollout.")
    if hidden := _not_listed(facts, DEPLOYMENTS, PODS):
        return hidden
    if facts.deployment is None or not facts.pods(Component.ERP, colour):
        return unknown("The active colour has no pod: nothing can be said of the other.", "Look at the Deployment.")
    other = next(each for each in Colour if each is not colour)
    left = [name_of(pod) for pod in facts.pods(Component.ERP, other)]
    if left:
        message = f"{len(left)} pods of {other.value} still run."
        return failed(message, "Wait until the operator has scaled it down.", pods=left)
    return passed(f"Only {colour.value} runs.", active=colour.value, other_pods=0)


def rollback_possible(facts: Facts) -> Outcome:
    """As the operator says of it."""
    seen = next((each for each in facts.erp.status.conditions if each.type is ConditionType.ROLLBACK_POSSIBLE), None)
    if facts.deployment is None or seen is None or seen.status is ConditionStatus.UNKNOWN:
        message = "Whether the release before could be made active again was not checked."
        return unknown(message, "A newer version of the operator checks it.")
    if seen.status is ConditionStatus.FALSE:
        return failed(
            seen.message or "There is no way back.", "Look at the history: kubectl get vrel.", reason=seen.reason
        )
    return passed("The release before can be made active again.", reason=seen.reason)


def memory(facts: Facts) -> Outcome:
    """Every container of every pod of the active colour below 80 % of its limit, as metrics-server measures it."""
    hidden = facts.unseen(POD_METRICS)
    if hidden:
        why = "the cluster has no metrics-server" if hidden.absent else hidden.why
        return unknown(f"The memory of the pods can't be seen: {why}.", "Install metrics-server.")
    limit = quantity(str(dig(facts.erp.spec.resources.to_object(), "limits", "memory") or ""))
    pods = {name_of(pod) for pod in facts.pods(Component.ERP, facts.colour)} if facts.colour else set()
    used = {name_of(each): _memory(each) for each in facts.seen(POD_METRICS) if name_of(each) in pods}
    if not pods or set(used) != pods or limit is None or None in used.values():
        return unknown("The memory of a pod, or its limit, is not known.", "Set spec.resources.limits.memory.")
    shares = {pod: float((amount or Decimal(0)) / limit) for pod, amount in used.items()}
    most = max(shares.values())
    if most > _MOST_MEMORY:
        message = f"A pod uses {most:.0%} of its memory limit."
        return failed(message, "Raise spec.resources.limits.memory, or find what grows.", shares=shares)
    return passed(f"No pod uses more than {most:.0%} of its memory limit.", shares=shares)


def _memory(measured: Object) -> Decimal | None:
    amounts = [quantity(str(dig(each, "usage", "memory") or "")) for each in measured.get("containers") or ()]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None
