"""The demo trader: small, believable, deterministic."""
