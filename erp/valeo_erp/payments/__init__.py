"""Money that came in and went out, and which open items it settles."""
