"""Who did or tried what, when, and why it was refused: append-only."""
