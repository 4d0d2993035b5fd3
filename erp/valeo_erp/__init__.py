"""The ERP service of an agricultural trader: documents, numbers, journal, print, export and live updates."""

from importlib.metadata import version

__version__ = version("valeo-erp")
