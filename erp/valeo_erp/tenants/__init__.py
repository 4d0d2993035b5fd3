"""The traders that share an installation; nobody sees another's data."""
