"""Errands: Jobs of the ERP image that tell or do one thing and say so in their termination message."""
