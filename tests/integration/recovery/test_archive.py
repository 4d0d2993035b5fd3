"""The archive of the embedded database, with a real PostgreSQL and a real pgBackRest."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.archived import Archived, archived

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def place() -> Iterator[Archived]:
    """A server whose first base backup is made."""
    home = Path(tempfile.mkdtemp(prefix="valeo-archived-"))
    home.chmod(0o755)
    with archived(home, "--seconds", "1") as made:
        made.until(lambda told: bool(told.get("oldest")), 60)
        made.query("select pg_switch_wal()")
        made.until(lambda told: bool(told.get("newest")), 60)
        yield made


def stamp_of(place: Archived) -> str:
    """The server's time, a moment after everything that was committed."""
    time.sleep(0.05)
    return place.query("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00')")


def reached(place: Archived, at: str) -> None:
    """Wait until a time lies in the window."""
    wanted = datetime.fromisoformat(at)
    time.sleep(1.5)  # a beat later
    place.query("select pg_switch_wal()")
    place.until(lambda told: bool(told.get("newest")) and datetime.fromisoformat(told["newest"]) > wanted, 70)


def test_the_first_full_copy_is_made_at_once_and_the_window_is_told(place: Archived) -> None:
    told = place.told()
    assert told["last_full"]
    assert told["oldest"] <= told["newest"]
    assert (told["missing"], told["problem"], told["damage"]) == (0, None, None)


def test_what_was_deleted_is_there_again_at_a_time_before(place: Archived) -> None:
    place.query("create table sold as select generate_series(1, 1000) as number")
    before = stamp_of(place)
    place.query("delete from sold")
    reached(place, before)

    place.recover("--time", before)

    with place.copy() as ask:
        assert ask("select count(*) from sold") == "1000"


def test_a_transaction_is_the_last_one_that_is_there(place: Archived) -> None:
    place.query("create table steps (n int)")
    transaction = place.query("insert into steps values (1) returning pg_current_xact_id()")
    place.query("insert into steps values (2)")
    reached(place, stamp_of(place))

    place.recover("--transaction", transaction)

    with place.copy() as ask:
        assert ask("select n from steps") == "1"


def test_a_named_point_is_found(place: Archived) -> None:
    place.query("create table closed (n int)")
    place.query("select pg_create_restore_point('before-closing')")
    place.query("insert into closed values (1)")
    reached(place, stamp_of(place))

    place.recover("--name", "before-closing")

    with place.copy() as ask:
        assert ask("select count(*) from closed") == "0"


def test_the_copy_archives_nothing_and_the_server_goes_on(place: Archived) -> None:
    place.recover("--time", stamp_before_now(place))
    with place.copy() as ask:
        assert ask("show archive_mode") == "off"
    assert place.query("show archive_mode") == "on"


def stamp_before_now(place: Archived) -> str:
    newest = datetime.fromisoformat(place.told()["newest"])
    return (newest - timedelta(seconds=1)).isoformat()


def test_a_point_that_the_log_does_not_hold_is_told_and_leaves_no_copy_behind_that_looks_whole(place: Archived) -> None:
    told = place.recover("--name", "never-named", code=1)
    assert "before the point never-named" in told["message"]


def test_idle_and_under_load_less_than_a_minute_would_be_lost(place: Archived) -> None:
    place.query("create table busy (n int, words text)")
    ages = []
    for _ in range(35):  # longer than the server waits for a segment to fill
        place.query("insert into busy select generate_series(1, 20000), repeat('x', 100)")
        told = place.told()
        ages.append(datetime.fromisoformat(told["at"]) - datetime.fromisoformat(told["newest"]))
        time.sleep(1)
    assert max(ages) <= timedelta(seconds=60), sorted(ages)[-3:]
    assert datetime.now(UTC) - datetime.fromisoformat(place.told()["at"]) < timedelta(seconds=20)


def test_a_segment_that_is_lost_is_told_and_the_next_window_begins_with_a_full_copy(place: Archived) -> None:
    before = place.told()["last_full"]
    segments = sorted(place.repository.rglob("archive/valeo/*/*/*.zst"))
    lost = segments[-3]
    lost.unlink()

    told = place.until(lambda told: told.get("missing", 0) > 0 and told["last_full"] != before, 90)

    assert told["last_missing"] == lost.name[:24]
    place.query("select pg_switch_wal()")
    told = place.until(lambda told: bool(told.get("newest")) and not told["gap_is_open"], 60)
    assert told["oldest"] >= told["last_full"]


def test_a_damaged_file_of_the_repository_is_told_when_it_is_read_back(place: Archived) -> None:
    place.until(lambda told: bool(told.get("verified_at")), 60)
    damaged = max(place.repository.rglob("backup/valeo/*/pg_data/base/*/*.zst"), key=lambda path: path.stat().st_size)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged.write_bytes(content)

    said = place.run("pgbackrest", "verify", "--output=text", "--verbose")

    from valeo_archivist.keeping import damage_in  # noqa: PLC0415

    assert "checksum invalid: 1" in damage_in(said, 0)
