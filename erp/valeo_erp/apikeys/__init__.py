"""Keys of machines: hashed, with scopes of their own, expiring, rotated with an overlap, revoked at once."""
