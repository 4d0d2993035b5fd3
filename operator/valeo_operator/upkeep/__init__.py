"""Upkeep: what an object should be, what it is, and putting back what differs."""
