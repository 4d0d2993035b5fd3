"""The Secrets of an installation: two database roles from the start, and the signing keys of the ERP."""
