"""Files that take long: made in the background by one replica at a time, with progress, kept for a day."""
