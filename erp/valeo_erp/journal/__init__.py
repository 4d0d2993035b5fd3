"""The double-entry book: immutable, balanced by the database, hash-chained."""
