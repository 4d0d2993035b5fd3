"""Price lists: what an item costs from which day to which, for everybody or for one party."""
