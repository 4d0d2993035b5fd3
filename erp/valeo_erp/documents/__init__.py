"""Business documents and their workflow."""
