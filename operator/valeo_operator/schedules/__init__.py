"""Schedules: when something is due, in which time zone, and what was missed."""
