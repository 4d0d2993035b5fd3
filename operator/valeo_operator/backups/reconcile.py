"""One pass over the data operations of one installation: observe, plan, act, tell. It never disturbs a rollout."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.backups.client import DataCluster
from valeo_operator.backups.metrics import DataMetrics
from valeo_operator.backups.observe import observe
from valeo_operator.backups.plan import DataPlan, plan, status_application
from valeo_operator.backups.standing import OWN_CONDITIONS
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import Object, dig
from valeo_operator.installations.act import announce, carry_out
from valeo_operator.installations.observe import Asker
from valeo_operator.installations.reconcile import SETTLED, Pass

_ARCHIVE: Final = timedelta(seconds=15)  # how far it reaches is told by the second
_BUSY: Final = timedelta(seconds=2)
_PHASE: Final = "Data"


@dataclass(frozen=True)
class DataReconciler:
    """The pass with everything it needs."""

    cluster: DataCluster
    asker: Asker
    clock: Callable[[], datetime]
    metrics: DataMetrics

    async def reconcile(self, namespace: str, name: str) -> Pass:
        """Bring the data operations of one installation one step on."""
        found = await self.cluster.get(ERPS, namespace, name)
        if found is None or dig(found, "metadata", "deletionTimestamp"):
            self.metrics.forget(namespace, name)
            return Pass(SETTLED, gone=found is None)
        erp = ValeoERP.model_validate(found)
        if erp.spec.backup is None:
            self.metrics.forget(namespace, name)
            return await self._withdraw(erp)
        facts = await observe(erp, erp.spec.backup, self.cluster, self.asker)
        now = self.clock()
        decided = plan(facts, now)
        _, refusal = await carry_out(decided.effects, self.cluster)
        await announce(decided.news, erp, now, self.cluster)
        if decided.status != own_part(found):
            await carry_out([status_application(erp, decided.status)], self.cluster)
        self.metrics.saw(facts, decided.told)
        rest = _BUSY if decided.busy and refusal is None else self._rest(decided, now)
        return Pass(rest if facts.archive is None else min(rest, _ARCHIVE), _PHASE)

    async def _withdraw(self, erp: ValeoERP) -> Pass:
        """Nothing is asked for any more: what this driver told is taken back."""
        if erp.status.backups is not None:
            await carry_out([status_application(erp, {})], self.cluster)
        return Pass(SETTLED, _PHASE)

    def _rest(self, decided: DataPlan, now: datetime) -> timedelta:
        """Until the next slot, a minute at most."""
        slots = (decided.told.next_slot, decided.told.next_drill)
        times = [each - now for each in slots if each is not None and each > now]
        return min([SETTLED, *times])


def own_part(found: Object) -> Object:
    """What this driver wrote of the status of a ValeoERP."""
    status = found.get("status") or {}
    conditions = [each for each in status.get("conditions") or () if each["type"] in OWN_CONDITIONS]
    return {key: status.get(key) for key in ("backup", "backups", "pointInTime")} | {"conditions": conditions}
