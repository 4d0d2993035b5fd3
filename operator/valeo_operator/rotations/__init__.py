"""Replacing credentials: the new one is proven before it is used, the old one is good until nobody needs it."""
