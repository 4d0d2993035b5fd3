"""What `kubectl valeo backup`, `restore` and `drill` create, and what they decline."""

from typing import Any

import pytest
from tests.support.installation import erp

from valeo_operator.api.valeobackup import ValeoBackup
from valeo_operator.api.valeorestore import RestoreMode, ValeoRestore
from valeo_operator.cluster.kinds import BACKUPS, Kind
from valeo_operator.cluster.objects import Object
from valeo_operator.plugin.cli import parser
from valeo_operator.plugin.connection import PluginError
from valeo_operator.plugin.data_operations import (
    followed,
    restore,
    summary,
    wanted_backup,
    wanted_point,
    wanted_restore,
)


def covered() -> dict[str, Any]:
    """An installation that makes backups."""
    made = erp()
    made["spec"]["backup"] = {"destinations": [{"name": "near", "volume": {}}, {"name": "far", "s3": {}}]}
    return made


def stored(wanted: dict[str, Any]) -> dict[str, Any]:
    return {**wanted, "metadata": {"name": "given", "namespace": "valeo"}}


def test_a_backup_names_the_installation_and_where_it_goes() -> None:
    made = ValeoBackup.model_validate(stored(wanted_backup(covered(), "far")))
    assert (made.spec.installation, made.spec.destination) == ("production", "far")


def test_a_destination_that_is_not_there_is_declined_with_those_that_are() -> None:
    with pytest.raises(PluginError, match="no destination moon; it has: near, far"):
        wanted_backup(covered(), "moon")


def test_without_backups_in_the_spec_nothing_is_asked_for() -> None:
    with pytest.raises(PluginError, match=r"set spec\.backup"):
        wanted_backup(erp(), "")


@pytest.mark.parametrize("mode", list(RestoreMode))
def test_a_restore_is_what_the_definition_takes(mode: RestoreMode) -> None:
    into = "valeo_2026" if mode is RestoreMode.NEW_DATABASE else ""
    made = ValeoRestore.model_validate(stored(wanted_restore(covered(), mode, "one", into)))
    assert (made.spec.mode, made.spec.backup) == (mode, "one")
    assert made.spec.acknowledge_data_loss is (mode is RestoreMode.IN_PLACE)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["one"], "say where to"),
        (["one", "--into", "a", "--in-place"], "not both"),
        (["one", "--in-place"], "--acknowledge-data-loss"),
        (["--into", "a"], "name a ValeoBackup, or use --latest"),
        (["one", "--latest", "--into", "a"], "exactly one"),
        (["one", "--to-xid", "7", "--into", "a"], "exactly one"),
        (["--to-xid", "7", "--to-name", "x", "--into", "a"], "name one point"),
    ],
)
def test_a_restore_that_is_not_clear_is_declined(words: list[str], complaint: str) -> None:
    class OnlyOptions:
        options = parser().parse_args(["restore", *words])

    with pytest.raises(PluginError, match=complaint):
        restore(OnlyOptions())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "point"),
    [
        (["--to-time", "2026-01-02T15:04:05+01:00"], {"time": "2026-01-02T14:04:05Z"}),
        (["--to-xid", "770"], {"transaction": 770}),
        (["--to-name", "before-closing"], {"name": "before-closing"}),
    ],
)
def test_a_point_in_time_is_asked_for_where_there_is_an_archive(words: list[str], point: dict[str, Any]) -> None:
    asked = wanted_point(parser().parse_args(["drill", *words]))
    assert asked == point
    with pytest.raises(PluginError, match="keeps no archive"):
        wanted_restore(covered(), RestoreMode.DRILL, point=asked)
    archived = covered()
    archived["spec"]["database"] = {"embedded": {"pointInTime": {}}}
    made = ValeoRestore.model_validate(stored(wanted_restore(archived, RestoreMode.DRILL, point=asked)))
    assert made.spec.point_in_time is not None
    assert made.spec.backup is None


def test_a_time_without_its_zone_is_declined(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["drill", "--to-time", "2026-01-02T15:04:05"])
    assert "has no time zone" in capsys.readouterr().err


class Unfolding:
    """Implements what `followed` needs of a connection: each look finds the next status."""

    def __init__(self, *statuses: Object) -> None:
        self.statuses = list(statuses)

    def get(self, _kind: Kind, name: str) -> Object | None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"metadata": {"name": name}, "status": status}


def test_it_is_followed_to_its_end_and_every_change_is_told() -> None:
    lines: list[str] = []
    seen = Unfolding(
        {},
        {"phase": "Running", "progress": "files 3", "message": "A Job makes it."},
        {"phase": "Good", "message": "It is in the store.", "rows": 99},
    )
    ended = followed(seen, BACKUPS, "one", 20, lines.append)  # type: ignore[arg-type]
    assert lines == [
        "Pending: it was not looked at yet",
        "Running (files 3): A Job makes it.",
        "Good: It is in the store.",
    ]
    assert summary(ended) == "one  Good: It is in the store.\nrows 99"


def test_what_does_not_end_in_time_is_said_to_go_on() -> None:
    with pytest.raises(PluginError, match="it goes on"):
        followed(Unfolding({"phase": "Running"}), BACKUPS, "one", 0, lambda _: None)  # type: ignore[arg-type]
