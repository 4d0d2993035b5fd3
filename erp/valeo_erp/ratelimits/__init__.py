"""How often each person and machine may ask, over all replicas together."""
