"""The counts of the current windows. Unlogged: after a crash of the server everybody begins anew."""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table

from valeo_erp.kernel.database import metadata

rate_window = Table(
    "rate_window",
    metadata,
    Column("key", LargeBinary, primary_key=True, comment="sha-256 of limit, tenant and subject"),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("taken", Integer, nullable=False, comment="Requests that processes have leased in this window"),
    prefixes=["UNLOGGED"],
)
