"""The surroundings of the pods as the spec wants them, and the removal of what it asks for no longer. Pure."""

from valeo_operator.cluster.kinds import (
    DISRUPTION_BUDGETS,
    INGRESSES,
    NETWORK_POLICIES,
    SERVICE_ACCOUNTS,
)
from valeo_operator.cluster.objects import name_of, namespace_of, uid_of
from valeo_operator.installations.decisions import Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.network.desired import disruption_budget, ingress, policies, service_account
from valeo_operator.upkeep.plan import keep


def network_upkeep(facts: Facts) -> tuple[Effect, ...]:
    """Account, disruption budget, policies and the way in."""
    spec, names = facts.erp.spec, facts.names
    way_in = ingress(spec, names)
    wanted = [(NETWORK_POLICIES, each) for each in policies(spec, names)]
    wanted += [(INGRESSES, way_in)] if way_in else []
    effects: list[Effect] = [
        *keep(SERVICE_ACCOUNTS, service_account(names), facts),
        *keep(DISRUPTION_BUDGETS, disruption_budget(names), facts),
    ]
    for kind, each in wanted:
        effects += keep(kind, each, facts)
    kept = {(kind, name_of(each)) for kind, each in wanted}
    for kind in (NETWORK_POLICIES, INGRESSES):
        effects += [
            Delete(kind, namespace_of(found), name_of(found), uid_of(found), "the spec asks for it no longer")
            for found in facts.all(kind)
            if (kind, name_of(found)) not in kept
        ]
    return tuple(effects)
