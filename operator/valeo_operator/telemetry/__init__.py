"""What the operator tells of itself: metrics, logs, health."""
