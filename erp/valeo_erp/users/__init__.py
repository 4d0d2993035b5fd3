"""The people who have signed in: a mirror of the identity provider, with local deactivation."""
