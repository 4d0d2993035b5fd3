"""The development identity provider as the spec wants it. Pure."""

from datetime import datetime

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import DEPLOYMENTS, SERVICES
from valeo_operator.cluster.objects import label, name_of, namespace_of, uid_of
from valeo_operator.identity.desired import deployment, service
from valeo_operator.installations.decisions import Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import COMPONENT_LABEL, Component
from valeo_operator.upkeep.plan import keep
from valeo_operator.upkeep.troubles import pods_to_ask_anew


def identity_upkeep(facts: Facts, phase: Phase, now: datetime) -> tuple[Effect, ...]:
    """The provider where it is asked for. It goes only after the release that used it was replaced."""
    provider = facts.erp.spec.auth.development_provider
    if provider is not None:
        return (
            *keep(SERVICES, service(provider, facts.names), facts),
            *keep(DEPLOYMENTS, deployment(facts.erp.spec, provider, facts.names), facts),
            *pods_to_ask_anew(facts.pods(Component.IDENTITY), now),
        )
    if phase is not Phase.COMPLETE:
        return ()
    return tuple(
        Delete(kind, namespace_of(found), name_of(found), uid_of(found), "the spec asks for no development provider")
        for kind in (DEPLOYMENTS, SERVICES)
        for found in facts.all(kind)
        if label(found, COMPONENT_LABEL) == Component.IDENTITY
    )
