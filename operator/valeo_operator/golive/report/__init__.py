"""The go-live report: what an auditor reads, and can verify."""
