"""What is traded: grain, fertiliser, seed, feed, services."""
