"""What was seen of one installation in one pass: live reads, frozen. The plan decides from this and the time alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from valeo_operator.api.conditions import ConditionStatus, ConditionType
from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import DEPLOYMENTS, ENDPOINT_SLICES, PODS, RELEASES, SERVICES, Kind
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.installations.decisions import Finding, Remembered
from valeo_operator.installations.names import COLOUR_LABEL, COMPONENT_LABEL, RELEASE_LABEL, Component, Names


@dataclass(frozen=True)
class SecretFacts:
    """What may be known of a Secret outside of it: its keys, a version that changes with its content, its birth."""

    keys: frozenset[str]
    version: str
    made_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What `/readyz` said through a Service. `problem` says why there was no answer."""

    ready: bool = False
    release: str = ""
    version: str = ""
    schema_revision: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Analysis:
    """What the numbers of the watched release come to: Pass, Fail or Unknown, in a sentence, with the numbers."""

    result: str
    sentence: str
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        """Whether every measure is known and within its limit."""
        return self.result == "Pass"

    @property
    def fails(self) -> bool:
        """Whether a measure broke its limit."""
        return self.result == "Fail"


@dataclass(frozen=True)
class Facts:
    """One installation as it is. Absent means: looked for and not there."""

    erp: ValeoERP
    objects: Mapping[tuple[Kind, str], Object]
    secrets: Mapping[str, SecretFacts] = field(default_factory=dict)
    storage_classes: frozenset[str] = frozenset()
    has_default_storage_class: bool = True
    active_answer: Answer | None = None
    preview_answer: Answer | None = None
    requested_by: str = "unknown"
    analysis: Analysis | None = None
    old_connections: int | None = None
    rivals: tuple[Object, ...] = ()
    """Ingresses of other installations with the host that this one asks for."""
    served: frozenset[Kind] = frozenset()
    """Kinds of others that the cluster knows."""

    @cached_property
    def names(self) -> Names:
        """The names of everything that belongs to it."""
        return Names.of(self.erp.metadata)

    def find(self, kind: Kind, name: str) -> Object | None:
        """An object of the installation."""
        return self.objects.get((kind, name))

    def all(self, kind: Kind) -> list[Object]:
        """Every object of a kind, in the order of names."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> Mapping[Kind, list[Object]]:
        groups: dict[Kind, list[Object]] = {}
        for (kind, _), found in sorted(self.objects.items(), key=lambda item: item[0][1]):
            groups.setdefault(kind, []).append(found)
        return groups

    @cached_property
    def releases(self) -> Mapping[str, ValeoRelease]:
        """The recorded releases by name."""
        return {name_of(each): ValeoRelease.model_validate(each) for each in self.all(RELEASES)}

    def pods(self, component: Component, **labels: str) -> list[Object]:
        """Pods of a component that are not being deleted. Keyword `colour` narrows it."""
        wanted = {COMPONENT_LABEL: component.value}
        if "colour" in labels:
            wanted[COLOUR_LABEL] = labels["colour"]
        return [
            pod
            for pod in self.all(PODS)
            if not dig(pod, "metadata", "deletionTimestamp")
            and all(label(pod, key) == value for key, value in wanted.items())
        ]

    @cached_property
    def selected_colour(self) -> Colour | None:
        """The colour that the active Service selects right now; None where there is no such Service."""
        return _colour(dig(self.find(SERVICES, self.names.active_service), "spec", "selector", COLOUR_LABEL))

    @cached_property
    def previewed_colour(self) -> Colour | None:
        """The colour that the preview Service selects right now."""
        return _colour(dig(self.find(SERVICES, self.names.preview_service), "spec", "selector", COLOUR_LABEL))

    def deployment(self, colour: Colour) -> Object | None:
        """The Deployment of a colour."""
        return self.find(DEPLOYMENTS, self.names.colour(colour))

    def release_in(self, colour: Colour | None) -> ValeoRelease | None:
        """The release whose pods a colour runs, where it is recorded; also where the active Deployment was lost."""
        found = None if colour is None else self.deployment(colour)
        if found is not None:
            return self.releases.get(label(found, RELEASE_LABEL) or "")
        proven = self.proven_release
        return proven if proven is not None and proven.spec.colour is colour else None

    @property
    def proven_release(self) -> ValeoRelease | None:
        """The release that was last proven to be active, where it is recorded."""
        return self.releases.get(self.erp.status.active_release or "")

    @property
    def previous_release(self) -> ValeoRelease | None:
        """The release that was active before, where it is recorded."""
        return self.releases.get(self.erp.status.previous_release or "")

    @property
    def live_revision(self) -> str:
        """The schema revision of the database: as a pod that answers reads it now, else as it was last read back."""
        answers = (self.active_answer, self.preview_answer)
        told = next((each.schema_revision for each in answers if each is not None and each.schema_revision), "")
        return told or self.erp.status.schema_revision or ""

    @property
    def full_size(self) -> int:
        """How many pods the active colour shall have: what the spec says, or what the autoscaler made of it."""
        spec = self.erp.spec
        if spec.autoscaling is None:
            return spec.replicas
        active = None if self.selected_colour is None else self.deployment(self.selected_colour)
        real = int(dig(active, "spec", "replicas") or 0) if active is not None else spec.replicas
        return min(max(real, spec.autoscaling.min_replicas), spec.autoscaling.max_replicas)

    def is_enough(self, ready: int) -> bool:
        """Whether so many ready pods are all that are wanted. While the autoscaler adds some, the least suffices."""
        scaling = self.erp.spec.autoscaling
        return ready == self.full_size if scaling is None else ready >= scaling.min_replicas

    def ready_pods(self, colour: Colour) -> int:
        """How many pods of a colour its Deployment reports as ready for its present template."""
        found = self.deployment(colour)
        return 0 if found is None else int(dig(found, "status", "readyReplicas") or 0)

    def endpoints(self, service: str) -> frozenset[str]:
        """Names of the pods that a Service sends requests to."""
        return frozenset(_ready_targets(self._slices(service)))

    def _slices(self, service: str) -> list[Object]:
        return [each for each in self.all(ENDPOINT_SLICES) if label(each, "kubernetes.io/service-name") == service]


def remembered(facts: Facts) -> Finding | None:
    """What blocked the installation when the status was last written."""
    for seen in facts.erp.status.conditions:
        if seen.type is ConditionType.STALLED and seen.status is ConditionStatus.TRUE:
            return Remembered.of(seen.reason, seen.message)
    return None


def _colour(value: object) -> Colour | None:
    return next((colour for colour in Colour if colour.value == value), None)


def _ready_targets(slices: Iterable[Object]) -> Iterable[str]:
    for each in slices:
        for endpoint in each.get("endpoints") or ():
            if dig(endpoint, "conditions", "ready") is not False:
                yield str(dig(endpoint, "targetRef", "name"))
