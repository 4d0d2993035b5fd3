"""How backups and their databases are named. Pure."""

import re
from datetime import UTC, datetime

from valeo_erp.backups.faults import BackupError

_NAME = re.compile(r"[0-9]{8}-[0-9]{6}(-[a-z0-9][a-z0-9-]{0,40})?")
_DATABASE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
LONGEST_DATABASE_NAME = 63


def name_at(moment: datetime, suffix: str = "") -> str:
    """`YYYYMMDD-HHMMSS`, in UTC, with a suffix if there is one."""
    name = moment.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    return f"{name}-{suffix}" if suffix else name


def checked_name(name: str) -> str:
    """The name, if it is one: it becomes part of paths and keys.

    Raises:
        BackupError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise BackupError("name_invalid", f"A backup is named YYYYMMDD-HHMMSS, with a suffix if needed; not {name!r}.")
    return name


def checked_database(name: str) -> str:
    """The name of a database, if PostgreSQL takes it without quoting.

    Raises:
        BackupError: it does not.
    """
    if not _DATABASE.fullmatch(name):
        raise BackupError(
            "database_name_invalid", f"A database is named by small letters, digits and _; not by {name!r}."
        )
    return name


def scratch_database(live: str, name: str) -> str:
    """Where a drill of this backup restores."""
    return f"{live}_drill_{checked_name(name).replace('-', '_')}"[:LONGEST_DATABASE_NAME]


def scratch_databases(live: str) -> str:
    """The regular expression of the names of all scratch databases of drills beside this database."""
    return f"^{live}_drill_[0-9]{{8}}_[0-9]{{6}}"


def kept_database(restored: str) -> str:
    """What the live database is called after a restored one took its place."""
    return f"{restored[: LONGEST_DATABASE_NAME - 9]}_replaced"


def exported_file(name: str) -> str:
    """The single file that is made of a backup: `valeo_erp_backup_YYYYMMDD_HHMMSS.tar`."""
    return f"valeo_erp_backup_{checked_name(name)[:15].replace('-', '_')}.tar"
