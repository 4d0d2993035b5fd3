"""Asking Prometheus, Alertmanager and Grafana, where the spec says where they are."""

import asyncio
from typing import Final
from urllib.parse import quote

from valeo_operator.golive.facts import Facts, Reply, Watched
from valeo_operator.golive.test_alert import ALERT
from valeo_operator.golive.web import Web
from valeo_operator.monitoring.desired import pods_pattern

_FILTER: Final = quote(f'alertname="{ALERT}"')
_PROBES: Final = "/healthz|/readyz|/metrics"


async def ask_monitoring(web: Web, facts: Facts) -> Watched:
    """What they answer now; nobody is asked whose address is not given."""
    where = facts.erp.spec.monitoring
    rules, targets, alerts, counts, dashboards, memory, rates = await asyncio.gather(
        _ask(web, where.prometheus_url, "/api/v1/rules?type=alert"),
        _ask(web, where.prometheus_url, "/api/v1/alertmanagers"),
        _ask(web, where.alertmanager_url, f"/api/v2/alerts?filter={_FILTER}"),
        _ask(web, where.alertmanager_url, "/metrics"),
        _ask(web, where.grafana_url, "/api/search?type=dash-db&tag=valeo&limit=1000"),
        _ask(web, where.prometheus_url, _query(memory_query(facts))),
        _ask(web, where.prometheus_url, _query(rates_query(facts))),
    )
    return Watched(rules, targets, alerts, counts, dashboards, memory, rates)


def memory_query(facts: Facts) -> str:
    """Every sample of the last hour of each pod of the active colour."""
    return f"process_resident_memory_bytes{{{_active(facts)}}}[1h]"


def rates_query(facts: Facts) -> str:
    """Requests a second, now and on the day before, without probes; both or neither is told by `what`."""
    counted = f'valeo_http_requests_total{{{_of_both(facts)},route!~"{_PROBES}"}}'
    now = f'label_replace(sum(rate({counted}[10m])), "what", "now", "", "")'
    before = f'label_replace(sum(rate({counted}[1d] offset 10m)), "what", "before", "", "")'
    return f"{now} or {before}"


def _active(facts: Facts) -> str:
    colour = facts.colour.value if facts.colour else "none"
    return f'namespace="{facts.names.namespace}",pod=~"{pods_pattern(facts.names, colour)}"'


def _of_both(facts: Facts) -> str:
    return f'namespace="{facts.names.namespace}",pod=~"{pods_pattern(facts.names)}"'


def _query(text: str) -> str:
    return f"/api/v1/query?query={quote(text)}"


async def _ask(web: Web, base: str | None, path: str) -> Reply:
    return Reply(problem="nobody asked") if base is None else await web.get(f"{base}{path}")
