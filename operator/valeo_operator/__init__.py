"""The Kubernetes operator that runs ValeoERP installations."""

from importlib.metadata import version

__version__ = version("valeo-erp")
