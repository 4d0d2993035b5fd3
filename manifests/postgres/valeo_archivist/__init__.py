"""Beside the embedded PostgreSQL: base backups and the archive of its log, and the way back to a point in time.

Debian's Python and nothing else: what makes and reads backups is pgBackRest.
"""
