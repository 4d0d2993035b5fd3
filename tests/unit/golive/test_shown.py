"""What the ERP's page gets to see: every gate, written when something is new or the word gets old, and read alike."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.gates_in_memory import Web, World, going_live

from valeo_erp.golive import board as erp
from valeo_operator.cluster.kinds import CONFIG_MAPS, ERPS
from valeo_operator.cluster.objects import Object
from valeo_operator.golive import shown as operator
from valeo_operator.golive.look import GateKeeper, Policies

NAME = "production-golive-shown"


@pytest.fixture
def world() -> World:
    return going_live()


async def look(world: World, **later: float) -> Object | None:
    """One look after some time; what the ERP's pods have mounted then."""
    world.now += timedelta(**later)
    await GateKeeper(world, Web(), lambda: world.now, Policies(world)).look(copy.deepcopy(world.erp))
    return world.objects.get((CONFIG_MAPS, "erp", NAME))


def told(found: Object | None, folder: Path) -> erp.Shown:
    """As the ERP reads it."""
    assert found is not None
    (folder / erp.FILE).write_text(found["data"][operator.FILE])
    shown = erp.read(folder)
    assert shown is not None
    return shown


async def test_every_gate_is_shown_as_it_stands_and_the_erp_reads_it(world: World, tmp_path: Path) -> None:
    shown = told(await look(world), tmp_path)
    totals = world.erp["status"]["goLive"]["totals"]
    board = erp.board(shown, world.now)
    assert len(shown.gates) == 143
    assert {result.value[0].lower() + result.value[1:]: number for result, number in board.totals.items()} == totals
    assert (board.ready, board.outdated, shown.release) == (False, False, "r1")
    assert (operator.FORM, operator.FILE) == (erp.FORM, erp.FILE)


async def test_it_is_written_when_something_is_new_or_the_word_gets_old_and_not_before(world: World) -> None:
    first = await look(world)
    assert await look(world, minutes=1) == first
    later = await look(world, minutes=10)
    assert later is not None
    assert later != first
    assert json.loads(later["data"][operator.FILE])["at"] == "2026-01-05T08:11:00Z"


async def test_what_somebody_wrote_into_it_is_put_right_at_the_next_look(world: World, tmp_path: Path) -> None:
    found = await look(world)
    assert found is not None
    for text in ("no JSON", "[]", found["data"][operator.FILE].replace('"Unknown"', '"Pass"')):
        world.put(CONFIG_MAPS, {**found, "data": {operator.FILE: text}})
        shown = told(await look(world, minutes=1), tmp_path)
        assert any(each.result is erp.Result.UNKNOWN for each in shown.gates)


async def test_it_goes_with_the_wish_for_gates(world: World) -> None:
    await look(world)
    del world.objects[ERPS, "erp", "production"]["spec"]["goLive"]
    assert await look(world, minutes=1) is None


AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def written(**changed: object) -> dict[str, object]:
    gate = {
        "gate": "a",
        "line": "A",
        "phase": "deployment",
        "section": "S",
        "severity": "blocker",
        "result": "Pass",
        "message": "",
        "nextStep": "",
        "inTheWay": False,
    }
    return {
        "form": erp.FORM,
        "at": AT.isoformat(),
        "environment": "production",
        "release": "r",
        "digest": "",
        "ready": True,
        "emergency": False,
        "gates": [{**gate, **changed}],
    }


@pytest.mark.parametrize("minutes", [31, 600, -31])
def test_a_word_that_is_too_old_is_no_word(minutes: int) -> None:
    board = erp.board(erp.Shown.model_validate(written()), AT + timedelta(minutes=minutes))
    assert (board.ready, board.outdated) == (False, True)
    assert board.totals[erp.Result.UNKNOWN] == 1
    assert [each.gate for each in board.open_gates] == ["a"]


@pytest.mark.parametrize("minutes", [0, 30])
def test_a_young_word_is_believed(minutes: int) -> None:
    board = erp.board(erp.Shown.model_validate(written()), AT + timedelta(minutes=minutes))
    assert (board.ready, board.outdated, board.open_gates) == (True, False, [])


def test_a_result_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / erp.FILE).write_text(json.dumps(written(result="Almost")))
    with pytest.raises(erp.UnreadableError, match="Almost"):
        erp.read(tmp_path)
