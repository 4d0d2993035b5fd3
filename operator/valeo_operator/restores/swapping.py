"""The databases change names, the application proves it, and what is not proven is swapped back. Pure."""

from datetime import datetime

from valeo_operator.api.valeorestore import ReplacedDatabase, RestorePhase, ValeoRestore
from valeo_operator.backups.facts import DataFacts
from valeo_operator.backups.jobs import Standing, State, Task, Work, standing
from valeo_operator.restores.lifecycle import Outcome
from valeo_operator.restores.moves import RestoreLook, moved, waits


def work_on_databases(restore: ValeoRestore, facts: DataFacts, task: Task) -> Work:
    """The Job that works on the live, the restored and the replaced database by their names."""
    words = ("--restored", str(restore.status.database))
    return Work(task, restore.metadata.uid, facts.settings.destinations[0], words)


def erasing(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """Most erasures since the backup are carried over before the fence; the swap itself carries the last ones."""
    stands = standing(work_on_databases(restore, facts, Task.CARRY_ERASURES), facts, now)
    if stands.state is State.DONE:
        return RestoreLook(moved(restore, Outcome.DONE, now, erased_again=_erased(restore, stands)))
    if stands.state is State.FAILED:
        words = f"What was erased since the backup could not be erased in {restore.status.database}: {stands.words}"
        return RestoreLook(moved(restore, Outcome.FAILS, now, words))
    return RestoreLook(waits(restore, stands.words or RestorePhase.ERASING.description), stands.send)


def _erased(restore: ValeoRestore, stands: Standing) -> int:
    return (restore.status.erased_again or 0) + int((stands.told or {}).get("erased") or 0)


def swapping(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """The names are changed by one Job; what fails is swapped back."""
    stands = standing(work_on_databases(restore, facts, Task.SWAP), facts, now)
    if stands.state is State.DONE:
        replaced = ReplacedDatabase(name=str((stands.told or {})["kept"]))
        return RestoreLook(moved(restore, Outcome.DONE, now, replaced=replaced, erased_again=_erased(restore, stands)))
    if stands.state is State.FAILED:
        return RestoreLook(moved(restore, Outcome.FAILS, now, f"The databases could not be swapped: {stands.words}"))
    return RestoreLook(waits(restore, stands.words or RestorePhase.SWAPPING.description), stands.send)


def proving(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """A request through the Service, answered by the active release on the restored schema."""
    answer, active = facts.answer, facts.erp.status.active_release
    since = restore.status.phase_since or now
    if answer is None or not answer.ready:
        problem = answer.problem if answer is not None and answer.problem else "it is not ready"
        return RestoreLook(waits(restore, f"Service/{facts.names.active_service}: {problem}. It is asked again."))
    if answer.release != active:
        return RestoreLook(waits(restore, f"release {answer.release} answered, {active} is expected."))
    if now <= since:  # one answer later than the swap itself
        return RestoreLook(restore.status)
    return RestoreLook(moved(restore, Outcome.DONE, now, "The application answers on the restored database."))


def swapping_back(restore: ValeoRestore, facts: DataFacts, now: datetime) -> RestoreLook:
    """It goes on until the live database is the one from before."""
    stands = standing(work_on_databases(restore, facts, Task.SWAP_BACK), facts, now)
    if stands.state is State.DONE:
        words = f"{restore.status.message} The live database is the one from before."
        return RestoreLook(moved(restore, Outcome.DONE, now, words, replaced=None))
    return RestoreLook(restore.status, stands.send)
