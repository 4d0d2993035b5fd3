"""Who asks, for which tenant, and what that person may do."""
