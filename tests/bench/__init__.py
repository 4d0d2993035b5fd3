"""`python -m tests.bench`: what the system does in a second, measured on real processes beside yardsticks."""
