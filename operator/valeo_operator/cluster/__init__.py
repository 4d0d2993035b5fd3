"""The Kubernetes API as the operator sees it: kinds, a small Protocol, and one client behind it."""
