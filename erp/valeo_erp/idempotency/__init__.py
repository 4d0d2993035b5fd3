"""A repeated write is answered with the first result and changes nothing."""
