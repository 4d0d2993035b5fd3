"""The database of an installation: the operator's own PostgreSQL, or a connection to one that is there."""
