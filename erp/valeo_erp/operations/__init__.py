"""What the operator and the on-call engineer ask the service: health, readiness, metrics, identity."""
