"""How a story ended: what may be compared between two lives, and what was done more than once."""

import re
from collections import Counter

from tests.support.cluster_in_memory import ClusterInMemory
from tests.support.installation_in_memory import Life

from valeo_operator.cluster.kinds import DEPLOYMENTS, EVENTS, JOBS, PODS, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import dig

HASH = re.compile(r"\b[0-9a-f]{10}\b")
MADE_ONCE = (SECRETS, JOBS, RELEASES)


def without_hashes(name: str) -> str:
    """Names hold hashes of random secrets, which differ from life to life."""
    return HASH.sub("#", name)


def end_state(life: Life) -> dict[str, object]:
    """What is there in the end, as far as it may be compared between two lives."""
    cluster = life.cluster
    return {
        "names": sorted(
            f"{kind.name}/{without_hashes(name)}" for kind, _, name in cluster.objects if kind not in {EVENTS, PODS}
        ),
        "replicas": {
            name: dig(each, "spec", "replicas")
            for (kind, _, name), each in cluster.objects.items()
            if kind == DEPLOYMENTS
        },
        "selected": dig(cluster.find(SERVICES, "production"), "spec", "selector"),
        "phase": life.status["phase"],
        "conditions": {each["type"]: (each["status"], each["reason"]) for each in life.status["conditions"]},
        "releases": sorted(dig(each, "status", "phase") for each in cluster.all(RELEASES)),
    }


def doubled(cluster: ClusterInMemory) -> list[str]:
    """What was made more than once although it must be made once."""
    made = Counter(
        f"{effect.kind.name}/{effect.name}"
        for effect in cluster.effects
        if effect.verb == "create" and effect.kind in MADE_ONCE
    )
    switches = [effect.name for effect in cluster.effects if is_switch(effect.kind, effect.name)]
    return [name for name, times in made.items() if times > 1] + switches[1:]


def is_switch(kind: object, name: str) -> bool:
    return kind == SERVICES and name == "production"
