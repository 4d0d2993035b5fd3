"""How an installation is watched: what is made for a Prometheus operator, and where monitoring is asked."""

from typing import Annotated

from pydantic import Field

from valeo_operator.api.model import Model

WebAddress = Annotated[
    str,
    Field(
        max_length=512,
        pattern=r"^https?://([a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(/[-._~a-zA-Z0-9]+)*$",
    ),
]
"""Scheme, host, port and perhaps a path; no query, no user, no trailing slash."""

LabelValue = Annotated[str, Field(max_length=63, pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")]


Share = Annotated[str, Field(max_length=8, pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,3})?%$")]
"""A share of the whole, as `100%` or `0.5%`."""


class Tracing(Model):
    """Where traces of requests go."""

    otlp_url: WebAddress
    """Receiver that speaks OTLP over HTTP, as `http://tempo.tracing.svc:4318`; `/v1/traces` is put behind it."""
    share: Share = "100%"
    """How many of the traces that begin in the ERP are kept. Those that a caller began are kept as he decided."""


class Monitoring(Model):
    """What is made for a Prometheus operator, and where Prometheus, Alertmanager and Grafana are asked."""

    objects: bool = True
    """Make a PodMonitor, a PrometheusRule and a ConfigMap with the dashboard where the cluster knows the kinds of the
    Prometheus operator; they come by themselves when it is installed later. False: those that were made go."""
    labels: Annotated[dict[str, LabelValue], Field(default_factory=dict, max_length=16)]
    """Labels by which your Prometheus selects monitors and rules, as `release: prometheus`."""
    prometheus_url: WebAddress | None = None
    """Prometheus as the operator reaches it. The gates about alert rules and courses of time ask it."""
    alertmanager_url: WebAddress | None = None
    """Alertmanager as the operator reaches it. Given, a test alert is sent once, again after 25 days, and the gates say
    whether a receiver took it."""
    grafana_url: WebAddress | None = None
    """Grafana as the operator reaches it, without signing in. The gate about the dashboard asks it."""
