"""Backups of an installation: made, listed, counted, kept and taken away. What the store holds is the truth."""
