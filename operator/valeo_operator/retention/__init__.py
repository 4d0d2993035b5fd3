"""Retention: which backups stay, why, and which go next."""
