"""Live updates: the outbox is the truth, NOTIFY only wakes up, streams replay."""
