"""The documents of this release: guides, runbooks and reference, as they are in the image."""
