"""Accounting periods: open ones take entries, closed ones never again."""
