"""Who may speak with whom, and where the installation is reached."""
