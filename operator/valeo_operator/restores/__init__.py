"""Restores of backups: drills, new databases, and in place of the live one."""
