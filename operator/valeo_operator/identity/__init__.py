"""The development identity provider beside an installation. For development only."""
