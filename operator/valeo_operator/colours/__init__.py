"""The two Deployments, blue and green, that take turns: one is active, one may be staged."""
