"""One pass over one installation.

Observe, plan, act, tell. The same for create, update, resume, timer and child events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from valeo_operator.api.conditions import ConditionType
from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.cluster.protocol import Cluster
from valeo_operator.installations.act import announce, carry_out
from valeo_operator.installations.decisions import Announcement
from valeo_operator.installations.deletion import farewell
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import FINALIZER
from valeo_operator.installations.observe import Asker, Numbers, observe
from valeo_operator.installations.plan import Plan, plan
from valeo_operator.installations.status import (
    announcements,
    farewell_status,
    own_part,
    release_reports,
    status_application,
    status_of,
)
from valeo_operator.rotations.metrics import CredentialMetrics

if TYPE_CHECKING:
    from valeo_operator.installations.decisions import Apply

# How soon an installation is looked at again when nothing wakes it.
SETTLED: Final = timedelta(seconds=60)
UNDER_WAY: Final = timedelta(seconds=1)
STALLED: Final = timedelta(seconds=5)
AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True)
class Pass:
    """What one pass came to.

    The phase, and how soon the next one is due. `gone`: there is nothing to look after any more.
    """

    next_in: timedelta
    phase: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Reconciler:
    """The pass with everything it needs."""

    cluster: Cluster
    asker: Asker
    numbers: Numbers
    clock: Callable[[], datetime]
    credentials: CredentialMetrics

    async def reconcile(self, namespace: str, name: str) -> Pass:
        """Bring one installation one step on."""
        found = await self.cluster.get(ERPS, namespace, name)
        if found is None:
            self.credentials.forget(namespace, name)
            return Pass(SETTLED, gone=True)
        facts = await observe(found, self.cluster, self.asker, self.numbers)
        if facts.erp.metadata.deletion_timestamp is not None:
            self.credentials.forget(namespace, name)
            return await self._say_farewell(facts)
        return await self._advance(facts, found)

    async def _advance(self, facts: Facts, found: Object) -> Pass:
        now = self.clock()
        decided = plan(facts, now)
        if decided.rotated.status is not None:
            self.credentials.saw(facts, decided.rotated.status)
        told, refusal = await carry_out(decided.effects, self.cluster)
        if FINALIZER not in facts.erp.metadata.finalizers:
            return Pass(AT_ONCE)  # the resource was changed by that: it is read anew before anything is told
        status = status_of(facts, decided, refusal, now)
        reports = release_reports(facts, status, now)
        changed = status != own_part(dig(found, "status"), facts)
        news = (*told, *decided.told, *(announcements(facts, status) if changed else ()))
        await announce(news, facts.erp, now, self.cluster)
        writes: list[Apply] = [*reports, *([status_application(facts, status)] if changed else [])]
        await carry_out(writes, self.cluster)
        return Pass(_next_in(decided, status, now), decided.phase.value)

    async def _say_farewell(self, facts: Facts) -> Pass:
        if FINALIZER not in facts.erp.metadata.finalizers:
            return Pass(SETTLED, gone=True)
        now = self.clock()
        bye = farewell(facts, now)
        await carry_out(bye.effects, self.cluster)
        if bye.release is None:
            return Pass(UNDER_WAY)
        status = farewell_status(facts, bye.kept, now)
        news = Announcement(warning=False, reason="Deleted", message=str(status["message"]))
        await announce([news], facts.erp, now, self.cluster)
        await carry_out([status_application(facts, status)], self.cluster)
        await carry_out([bye.release], self.cluster)
        return Pass(SETTLED, gone=True)


def _next_in(decided: Plan, status: Object, now: datetime) -> timedelta:
    if decided.enters or decided.effects:
        return AT_ONCE if decided.enters else UNDER_WAY
    stalled = any(
        each["type"] == ConditionType.STALLED.value and each["status"] == "True" for each in status["conditions"]
    )
    if decided.rotated.busy:
        return UNDER_WAY
    rest = STALLED if stalled else SETTLED if decided.phase is Phase.COMPLETE and decided.finding is None else UNDER_WAY
    if decided.wake_at is None:
        return rest
    return max(AT_ONCE, min(rest, decided.wake_at - now))
