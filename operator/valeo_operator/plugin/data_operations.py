"""`kubectl valeo backup`, `restore` and `drill`: the object that asks for it, and following it to its end."""

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import yaml

from valeo_operator.api.valeobackup import BackupPhase
from valeo_operator.api.valeorestore import RestoreMode, RestorePhase
from valeo_operator.cluster.kinds import BACKUPS, RESTORES, Kind
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.golive.catalogue import span
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.connection import Connection, PluginError
from valeo_operator.plugin.drawing import as_json
from valeo_operator.plugin.sight import the_installation

_ENDED_WELL: Final = frozenset({BackupPhase.GOOD.value, RestorePhase.COMPLETE.value})
_ENDED: Final = _ENDED_WELL | {
    BackupPhase.FAILED.value,
    BackupPhase.CORRUPT.value,
    BackupPhase.LOST.value,
    RestorePhase.CANCELLED.value,
}
_SPAN: Final = re.compile(r"[1-9][0-9]{0,3}[mhd]")
_LOOKS_EVERY: Final = 1.0


def backup(asked: Asked) -> str:
    """Ask for a backup."""
    return _asked_for(asked, BACKUPS, wanted_backup(_installation(asked), asked.options.destination))


def restore(asked: Asked) -> str:
    """Ask for a restore, into a new database or in place of the live one."""
    options = asked.options
    if bool(options.into) == options.in_place:
        raise PluginError("say where to: --into DATABASE for a new one, or --in-place; not both")
    if options.in_place and not options.acknowledge_data_loss:
        raise PluginError("what was written since the backup is gone afterwards: say so with --acknowledge-data-loss")
    point = wanted_point(options)
    if [bool(options.backup), options.latest, bool(point)].count(True) != 1:
        raise PluginError("name a ValeoBackup, or use --latest, or one of --to-time, --to-xid, --to-name; exactly one")
    mode = RestoreMode.IN_PLACE if options.in_place else RestoreMode.NEW_DATABASE
    wanted = wanted_restore(_installation(asked), mode, options.backup, options.into, point)
    return _asked_for(asked, RESTORES, wanted)


def drill(asked: Asked) -> str:
    """Ask for a drill."""
    point = wanted_point(asked.options)
    if point and asked.options.backup:
        raise PluginError("name a ValeoBackup or a point in time; not both")
    wanted = wanted_restore(_installation(asked), RestoreMode.DRILL, asked.options.backup, point=point)
    return _asked_for(asked, RESTORES, wanted)


# --- the objects, pure ------------------------------------------------------------------------------------------------


def wanted_backup(erp: Object, destination: str) -> Object:
    """The ValeoBackup; the API server gives it its name."""
    _makes_backups(erp)
    known = [each["name"] for each in dig(erp, "spec", "backup", "destinations") or ()]
    if destination and destination not in known:
        raise PluginError(f"spec.backup has no destination {destination}; it has: {', '.join(known)}")
    spec = {"installation": name_of(erp), **({"destination": destination} if destination else {})}
    return {"metadata": {"generateName": f"{name_of(erp)}-manual-"}, "spec": spec}


def wanted_point(options: argparse.Namespace) -> Object:
    """The point in time that the options name; empty where they name none."""
    named = {"time": options.to_time, "transaction": options.to_xid, "name": options.to_name}
    given = {key: value for key, value in named.items() if value is not None}
    if len(given) > 1:
        raise PluginError("name one point: --to-time, --to-xid or --to-name")
    return given


def _time(text: str) -> str:
    """A time with its zone, as the API server takes it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it as 2026-01-02T15:04:05+01:00") from error
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; write it as {text}+01:00, or {text}Z for UTC")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def wanted_restore(
    erp: Object, mode: RestoreMode, of_backup: str = "", into: str = "", point: Object | None = None
) -> Object:
    """The ValeoRestore; the API server gives it its name."""
    _makes_backups(erp)
    if point and not _is_archived(erp):
        raise PluginError(
            f"{name_of(erp)} keeps no archive: set spec.database.embedded.pointInTime (an empty one, {{}})"
        )
    spec: Object = {"installation": name_of(erp), "mode": mode.value}
    spec |= {"backup": of_backup} if of_backup else {}
    spec |= {"pointInTime": point} if point else {}
    spec |= {"into": into} if into else {}
    spec |= {"acknowledgeDataLoss": True} if mode is RestoreMode.IN_PLACE else {}
    word = "drill" if mode is RestoreMode.DRILL else "restore"
    return {"metadata": {"generateName": f"{name_of(erp)}-{word}-"}, "spec": spec}


def _is_archived(erp: Object) -> bool:
    asked = dig(erp, "spec", "database", "embedded", "pointInTime")
    return asked is not None and asked.get("enabled", True) is not False


def _makes_backups(erp: Object) -> None:
    if dig(erp, "spec", "backup") is None:
        raise PluginError(f"{name_of(erp)} makes no backups: set spec.backup (an empty one, {{}}, takes every default)")


def told(found: Object) -> str:
    """Where it stands, in one line."""
    status = found.get("status") or {}
    progress = f" ({status['progress']})" if status.get("progress") else ""
    return f"{status.get('phase') or 'Pending'}{progress}: {status.get('message') or 'it was not looked at yet'}"


def summary(found: Object) -> str:
    """What came of it, for a person."""
    status = found.get("status") or {}
    words = {
        "backup": "backup",
        "rows": "rows",
        "bytes": "bytes",
        "revision": "schema",
        "database": "database",
        "seconds": "seconds",
        "exact": "exact",
    }
    facts = [f"{word} {status[key]}" for key, word in words.items() if status.get(key) is not None]
    replaced = status.get("replaced") or {}
    facts += [f"database from before {replaced['name']}"] if replaced else []
    return f"{name_of(found)}  {told(found)}" + (f"\n{', '.join(facts)}" if facts else "")


# --- asking and following ---------------------------------------------------------------------------------------------


def _installation(asked: Asked) -> Object:
    return the_installation(asked.connection, asked.options.installation)


def _asked_for(asked: Asked, kind: Kind, wanted: Object) -> str:
    options = asked.options
    if options.dry_run:
        asked.connection.create(kind, wanted, dry_run=True)
        manifest = {"apiVersion": kind.api_version, "kind": kind.name, **wanted}
        manifest["metadata"] = {**wanted["metadata"], "namespace": asked.connection.namespace}
        return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True).rstrip()
    longest = _longest(options.timeout)
    made = asked.connection.create(kind, wanted)
    if not options.wait:
        return as_json(made) if asked.json else f"{kind.resource}/{name_of(made)} created"
    ended = followed(asked.connection, kind, name_of(made), longest, _write)
    if dig(ended, "status", "phase") not in _ENDED_WELL:
        raise PluginError(f"{kind.resource}/{name_of(ended)}: {told(ended)}")
    return as_json(ended) if asked.json else summary(ended)


def _longest(asked: str) -> float:
    if not _SPAN.fullmatch(asked):
        raise PluginError(f"{asked!r} is no time span; write it as 10m or 4h")
    return span(asked).total_seconds()


def _write(line: str) -> None:
    sys.stderr.write(f"{datetime.now().astimezone():%H:%M:%S} {line}\n")
    sys.stderr.flush()


def followed(connection: Connection, kind: Kind, name: str, seconds: float, write: Callable[[str], None]) -> Object:
    """The object when it has ended. Every change of where it stands is written. Raises PluginError after `seconds`."""
    ends, before = time.monotonic() + seconds, ""
    while True:
        found = connection.get(kind, name)
        if found is None:
            raise PluginError(f"{kind.resource}/{name} was deleted")
        now = told(found)
        if now != before:
            write(now)
            before = now
        if dig(found, "status", "phase") in _ENDED:
            return found
        if time.monotonic() >= ends:
            raise PluginError(f"{kind.resource}/{name} has not ended within {seconds:.0f} s; it goes on. {now}")
        time.sleep(_LOOKS_EVERY)


# --- the words of the command line ------------------------------------------------------------------------------------


def add_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """The three commands and their options."""
    made = command(commands, "backup", "make a backup now", backup)
    made.add_argument("--destination", default="", help="destination of spec.backup; the first one where left out")
    _followed(made)

    made = command(commands, "restore", "restore a backup into a new database, or in place of the live one", restore)
    made.add_argument("backup", nargs="?", default="", help="ValeoBackup that is restored")
    made.add_argument("--latest", action="store_true", help="the newest good backup")
    _points(made)
    made.add_argument("--into", default="", metavar="DATABASE", help="name of the new database")
    made.add_argument("--in-place", action="store_true", help="in place of the live database, which is kept beside it")
    made.add_argument("--acknowledge-data-loss", action="store_true", help="what was written since is gone afterwards")
    _followed(made)

    made = command(commands, "drill", "prove a backup by a restore into a scratch database", drill)
    made.add_argument("backup", nargs="?", default="", help="ValeoBackup; the newest good one where left out")
    _points(made)
    _followed(made)


def _points(made: argparse.ArgumentParser) -> None:
    made.add_argument("--to-time", type=_time, metavar="TIME", help="a point in time, as 2026-01-02T15:04:05+01:00")
    made.add_argument("--to-xid", type=int, metavar="XID", help="up to this transaction, itself included")
    made.add_argument("--to-name", metavar="NAME", help="a point that pg_create_restore_point named")


def _followed(made: argparse.ArgumentParser) -> None:
    made.add_argument("--wait", action="store_true", help="follow it to its end; exit status 1 if it does not end well")
    made.add_argument("--timeout", default="1h", help="how long to follow it, as 10m or 4h (1h)")
    made.add_argument("--dry-run", action="store_true", help="print the object for kubectl create -f -, do nothing")
