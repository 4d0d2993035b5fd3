"""Backups of the whole database: made from one snapshot, proven by a full decode, restored beside the live data."""
