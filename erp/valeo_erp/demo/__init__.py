"""The ERP on one machine, for a first look and for tests: its own PostgreSQL and identity provider."""
