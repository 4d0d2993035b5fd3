"""Releases: what the spec asks for as one immutable thing, and the table of phases by which it becomes active."""
