"""The surroundings of the pods as the spec wants them, and the removal of what it asks for no longer. Pure."""

from valeo_operator.api.conditions import Reason
from valeo_operator.cluster.kinds import (
    DISRUPTION_BUDGETS,
    INGRESSES,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    QUOTAS,
    SERVICE_ACCOUNTS,
)
from valeo_operator.cluster.objects import Object, dig, name_of, namespace_of, uid_of
from valeo_operator.installations.decisions import Delete, Effect, Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.network.desired import disruption_budget, ingress, limit_range, policies, quota, service_account
from valeo_operator.upkeep.plan import keep


def host_taken(facts: Facts) -> Finding | None:
    """Another installation has the host that the spec names: whose Ingress was there first keeps it."""
    asked, mine = facts.erp.spec.ingress, facts.find(INGRESSES, facts.names.name)
    first = min(facts.rivals, key=_age, default=None)
    if asked is None or first is None or (mine is not None and _age(mine) < _age(first)):
        return None
    return Finding(
        Reason.HOST_TAKEN,
        "spec.ingress.host",
        f"{asked.host} is the host of Ingress {namespace_of(first)}/{name_of(first)}, which was there first",
        "a host that no other installation has",
        "name another host, or take it from the other installation; then the Ingress is made by itself",
        blocking=True,
    )


def _age(found: Object) -> tuple[str, str, str]:
    return str(dig(found, "metadata", "creationTimestamp")), namespace_of(found), name_of(found)


def network_upkeep(facts: Facts) -> tuple[Effect, ...]:
    """Account, disruption budget, policies and the way in."""
    spec, names = facts.erp.spec, facts.names
    way_in = ingress(spec, names) if host_taken(facts) is None else None
    wanted = [(NETWORK_POLICIES, each) for each in policies(spec, names)]
    wanted += [(INGRESSES, way_in)] if way_in else []
    limits = (
        (LIMIT_RANGES, limit_range(spec, names)),
        (QUOTAS, quota(spec, names)),
    )  # what pods get, then what they may
    wanted += [(kind, each) for kind, each in limits if each is not None]
    effects: list[Effect] = [
        *keep(SERVICE_ACCOUNTS, service_account(names), facts),
        *keep(DISRUPTION_BUDGETS, disruption_budget(names), facts),
    ]
    for kind, each in wanted:
        effects += keep(kind, each, facts)
    kept = {(kind, name_of(each)) for kind, each in wanted}
    for kind in (NETWORK_POLICIES, INGRESSES, QUOTAS, LIMIT_RANGES):
        effects += [
            Delete(kind, namespace_of(found), name_of(found), uid_of(found), "it is wanted no longer")
            for found in facts.all(kind)
            if (kind, name_of(found)) not in kept
        ]
    return tuple(effects)
