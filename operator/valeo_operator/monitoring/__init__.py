"""How an installation is watched from outside: a way for Prometheus, alerts with their runbooks, a dashboard."""
