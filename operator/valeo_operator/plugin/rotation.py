"""`kubectl valeo rotate [--keys]`: one annotation of the ValeoERP, and following the rotation."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from valeo_operator.api.rotation import CredentialStatus, Rotation, RotationPhase
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object, dig, name_of
from valeo_operator.credentials.in_use import (
    coming_keys,
    coming_login,
    keys_in_use,
    login_in_use,
    role_of,
    told_of_database,
    told_of_keys,
)
from valeo_operator.installations.names import ROTATE_ANNOTATION, Names
from valeo_operator.plugin.acts import seconds_of, until_over
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.connection import PluginError
from valeo_operator.plugin.drawing import as_json
from valeo_operator.plugin.sight import the_installation

_IN_USE: Final = frozenset({RotationPhase.OVERLAPPING, RotationPhase.IDLE})


def rotate(asked: Asked) -> str:
    """Ask for another login of the application, or for other signing keys; or tell what that would do."""
    options = asked.options
    erp = the_installation(asked.connection, options.installation)
    steps = (planned_keys if options.keys else planned)(erp, emergency=options.emergency)
    if options.dry_run:
        return as_json({"steps": steps}) if asked.json else "\n".join(steps)
    longest = seconds_of(options.timeout)
    credential, standing = ("keys", told_of_keys) if options.keys else ("database", told_of_database)
    value = wanted(datetime.now(UTC), credential, emergency=options.emergency)
    written = asked.connection.patch(ERPS, name_of(erp), {"metadata": {"annotations": {ROTATE_ANNOTATION: value}}})
    if not options.wait:
        return as_json(written) if asked.json else f"{name_of(erp)}: {steps[0]}"
    before = standing(ValeoERP.model_validate(erp)).version
    over = until_over(
        asked.connection,
        name_of(erp),
        longest,
        lambda seen: outcome(seen, value, before, standing),
        lambda seen: told(seen, standing),
    )
    return as_json(over) if asked.json else f"{name_of(over)}: {told(over, standing)}"


def wanted(now: datetime, credential: str = "database", *, emergency: bool) -> str:
    """The value of the annotation. The time makes it another one than every value before."""
    return f"{credential}{',emergency' if emergency else ''}@{now:%Y%m%d-%H%M%S}"


def planned(found: Object, *, emergency: bool) -> list[str]:
    """What would be done, step by step. Raises PluginError where the login is none of the operator's."""
    erp = ValeoERP.model_validate(found)
    if erp.spec.embedded_database is None:
        raise PluginError("logins at an external database are yours: see docs/runbooks/ROTATION.md")
    names, settings = Names.of(erp.metadata), erp.spec.rotation or Rotation()
    now, after = login_in_use(erp, names), coming_login(erp, names)
    steps = [
        f"Secret {after} takes the place of {now}",
        f"{role_of(after, names)} gets a new password at the database, and is tried as the application",
        "a release with it is rolled out, with its gates, smoke tests and watch",
    ]
    if emergency:
        return [*steps, f"{role_of(now, names)} is closed as soon as the release serves; who still uses it is cut off"]
    return [
        *steps,
        f"when nobody is connected as {role_of(now, names)}, it stays good for {settings.overlap}, for a rollback",
        f"{role_of(now, names)} is closed, and Secret {now} is gone",
    ]


def planned_keys(found: Object, *, emergency: bool) -> list[str]:
    """The same for the signing keys."""
    erp = ValeoERP.model_validate(found)
    names, settings = Names.of(erp.metadata), erp.spec.rotation or Rotation()
    now, after = keys_in_use(erp, names), coming_keys(erp, names)
    steps = [
        f"Secret {after} takes the place of {now}",
        "a release with it is rolled out, with its gates, smoke tests and watch; codes on papers verify for ever",
    ]
    if emergency:
        return [*steps, f"the keys in {now} sign nobody in from then on, and who is signing in begins again"]
    return [*steps, f"{now} stays good for {settings.overlap}, for a rollback", f"the keys in {now} are retired"]


def outcome(
    erp: Object, value: str, before: int, standing: Callable[[ValeoERP], CredentialStatus] = told_of_database
) -> bool | None:
    """Whether the new value is in use alone, in an emergency the old one closed; None while it goes on."""
    seen = standing(ValeoERP.model_validate(erp))
    if dig(erp, "status", "acts", "rotate") != value or seen.asked or seen.version == before:
        return None
    if seen.phase is RotationPhase.TAKING_BACK:
        return False
    if seen.emergency or seen.phase not in _IN_USE:
        return None
    return str(seen.secret or "").endswith(f"-{seen.version}")


def told(erp: Object, standing: Callable[[ValeoERP], CredentialStatus] = told_of_database) -> str:
    """Where the rotation stands, in a line."""
    seen = standing(ValeoERP.model_validate(erp))
    return f"{seen.phase.value}: {seen.message or 'not looked at yet'}"


def add_rotation(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """The command and its options."""
    made = command(commands, "rotate", "replace the login of the application, or signing keys", rotate)
    made.add_argument("--keys", action="store_true", help="the signing keys, not the login at the database")
    made.add_argument("--emergency", action="store_true", help="without overlap: the old value is closed at once")
    made.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    made.add_argument("--wait", action="store_true", help="wait until the new value is in use alone")
    made.add_argument("--timeout", default="1h", help="how long to wait, as 10m or 4h (1h)")
