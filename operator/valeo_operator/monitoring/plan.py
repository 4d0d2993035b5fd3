"""Monitor, rules and dashboard are kept where the cluster knows their kinds, and go when they are not wanted. Pure."""

from valeo_operator.cluster.kinds import CONFIG_MAPS, POD_MONITORS, PROMETHEUS_RULES, Kind
from valeo_operator.cluster.objects import Object, name_of, namespace_of, uid_of
from valeo_operator.installations.decisions import Apply, Delete, Effect
from valeo_operator.installations.facts import Facts
from valeo_operator.monitoring.desired import alert_rules, dashboard_map, pod_monitor
from valeo_operator.upkeep.plan import keep, stamped


def monitoring_upkeep(facts: Facts) -> tuple[Effect, ...]:
    """What a Prometheus operator reads, where there is one. A Grafana is taken to be where a Prometheus operator is."""
    spec, names = facts.erp.spec, facts.names
    if not spec.monitoring.objects:
        return _taken_away(facts)
    wanted: list[tuple[Kind, Object]] = []
    if POD_MONITORS in facts.served:
        wanted += [(POD_MONITORS, pod_monitor(spec, names)), (CONFIG_MAPS, dashboard_map(spec, names))]
    if PROMETHEUS_RULES in facts.served:
        wanted += [(PROMETHEUS_RULES, alert_rules(spec, names))]
    return tuple(effect for kind, each in wanted for effect in _kept(kind, each, facts))


def _kept(kind: Kind, wanted: Object, facts: Facts) -> tuple[Apply, ...]:
    """One that is not there yet is no drift: its kind may have come with the Prometheus operator just now."""
    if facts.find(kind, name_of(wanted)) is None:
        return (Apply(kind, stamped(wanted)),)
    return keep(kind, wanted, facts)


def _taken_away(facts: Facts) -> tuple[Delete, ...]:
    made = [(kind, facts.names.name) for kind in (POD_MONITORS, PROMETHEUS_RULES)]
    made += [(CONFIG_MAPS, facts.names.dashboard)]
    return tuple(
        Delete(kind, namespace_of(found), name, uid_of(found), "spec.monitoring.objects is false")
        for kind, name in made
        if (found := facts.find(kind, name)) is not None
    )
