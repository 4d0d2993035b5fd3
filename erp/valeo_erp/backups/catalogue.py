"""What a store holds, also what is broken, so that a catalogue can be made from it and nothing else."""

from typing import Any

from valeo_erp.backups.faults import BackupError, BrokenBackupError
from valeo_erp.backups.naming import checked_name
from valeo_erp.backups.store import Store
from valeo_erp.backups.verifying import manifest_of


def listing(store: Store) -> list[dict[str, Any]]:
    """Every backup, oldest first: its summary, or why it does not count."""
    return [_told(store, name) for name in store.names() if _is_name(name)]


def _told(store: Store, name: str) -> dict[str, Any]:
    try:
        manifest = manifest_of(store, name)
        return {**manifest.summary(store.manifest(name)), "good": True}
    except BrokenBackupError as error:
        return {"name": name, "good": False, "reason": str(error)}


def _is_name(name: str) -> bool:
    try:
        checked_name(name)
    except BackupError:
        return False
    return True
