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
from valeo_operator.plugin.data_operations import followed, restore, summary, wanted_backup, wanted_restore


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
        (["one", "--latest", "--into", "a"], "not both"),
    ],
)
def test_a_restore_that_is_not_clear_is_declined(words: list[str], complaint: str) -> None:
    class OnlyOptions:
        options = parser().parse_args(["restore", *words])

    with pytest.raises(PluginError, match=complaint):
        restore(OnlyOptions())  # type: ignore[arg-type]


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
