"""Gapless numbers, given only inside the posting transaction."""
