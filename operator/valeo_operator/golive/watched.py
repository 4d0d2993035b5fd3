"""Asking Prometheus, Alertmanager and Grafana, where the spec says where they are."""

import asyncio
from typing import Final
from urllib.parse import quote

from valeo_operator.golive.facts import Facts, Reply, Watched
from valeo_operator.golive.test_alert import ALERT
from valeo_operator.golive.web import Web

_FILTER: Final = quote(f'alertname="{ALERT}"')


async def ask_monitoring(web: Web, facts: Facts) -> Watched:
    """What they answer now; nobody is asked whose address is not given."""
    where = facts.erp.spec.monitoring
    rules, targets, alerts, counts, dashboards = await asyncio.gather(
        _ask(web, where.prometheus_url, "/api/v1/rules?type=alert"),
        _ask(web, where.prometheus_url, "/api/v1/alertmanagers"),
        _ask(web, where.alertmanager_url, f"/api/v2/alerts?filter={_FILTER}"),
        _ask(web, where.alertmanager_url, "/metrics"),
        _ask(web, where.grafana_url, "/api/search?type=dash-db&tag=valeo&limit=1000"),
    )
    return Watched(rules, targets, alerts, counts, dashboards)


async def _ask(web: Web, base: str | None, path: str) -> Reply:
    return Reply(problem="nobody asked") if base is None else await web.get(f"{base}{path}")
