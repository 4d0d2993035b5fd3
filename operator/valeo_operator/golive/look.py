"""One look at the gates of one installation: observe, assess, write what changed, tell it.

It has its own field manager and its own timer: the driver of the installation neither waits for it nor is disturbed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from valeo_operator.api.goliveapproval import GoLiveApproval, GoLiveWaiver, Used
from valeo_operator.api.golivechecklist import GoLiveChecklist, GoLiveChecklistSpec
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS, ERPS, JOBS
from valeo_operator.cluster.objects import Object, dig, label, name_of, uid_of
from valeo_operator.cluster.protocol import RefusedError
from valeo_operator.evidence.carriers import Shelf
from valeo_operator.evidence.trust import Trust
from valeo_operator.golive.admission import (
    APPROVALS_POLICY,
    EVIDENCE_LABEL,
    EVIDENCE_POLICY,
    LABELS,
    WAIVERS_POLICY,
    proof,
)
from valeo_operator.golive.assess import Assessment, Signed, assess, subject_of
from valeo_operator.golive.catalogue import shipped
from valeo_operator.golive.client import GateCluster
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.gates import gate_object, gate_status, must_be_applied, must_be_told
from valeo_operator.golive.imports import doubts
from valeo_operator.golive.inside import job_to_send
from valeo_operator.golive.kinds import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    APPROVALS,
    CHECKLISTS,
    GATES,
    WAIVERS,
)
from valeo_operator.golive.observe import observe
from valeo_operator.golive.shown import shown_if_due
from valeo_operator.golive.signatures import Approval, Waiver, approval, waiver
from valeo_operator.golive.telling import condition, happenings, missing_checklist, news, summary
from valeo_operator.golive.test_alert import alert, looked_after, record_object, to_send
from valeo_operator.golive.trail import Chain, pages_with, read_chain, written
from valeo_operator.golive.web import Web
from valeo_operator.installations.act import announce
from valeo_operator.installations.names import Names
from valeo_operator.installations.status import stamp

logger = logging.getLogger(__name__)

_POLICIES_AGE: Final = timedelta(seconds=30)
_AT_ONE_TIME: Final = 6


@dataclass
class Policies:
    """The admission policies of the cluster, read for all installations together."""

    cluster: GateCluster
    found: list[Object] = field(default_factory=list)
    read: datetime | None = None
    operator: str = ""

    async def now(self, time: datetime) -> tuple[list[Object], str]:
        """What is there, at most half a minute old, and the user name of the operator."""
        if not self.operator:
            self.operator = await self.cluster.who_am_i()
        if self.read is None or time - self.read >= _POLICIES_AGE:
            kinds = (ADMISSION_POLICIES, ADMISSION_BINDINGS)
            lists = await asyncio.gather(*(self.cluster.list(kind, None, LABELS) for kind in kinds))
            self.found = [
                {**each, "kind": kind.name} for kind, found in zip(kinds, lists, strict=True) for each in found
            ]
            self.read = time
        return self.found, self.operator


@dataclass(frozen=True)
class Signatures:
    """Approvals and waivers of an installation: as they are stored, and as they are judged."""

    stored: Mapping[str, GoLiveApproval | GoLiveWaiver]
    approvals: tuple[Approval, ...]
    waivers: tuple[Waiver, ...]


@dataclass
class GateKeeper:
    """Looks at the gates of installations, with everything that it needs."""

    cluster: GateCluster
    web: Web
    clock: Callable[[], datetime]
    policies: Policies
    trust: Trust = field(default_factory=Trust)
    shelves: dict[str, Shelf] = field(default_factory=dict)

    async def look(self, found: Object) -> Assessment | None:
        """Look at all gates of one ValeoERP. None where it asks for none."""
        erp = ValeoERP.model_validate(found)
        if erp.metadata.deletion_timestamp is not None:
            return None
        if erp.spec.go_live is None:
            await self._withdraw(erp)
            return None
        checklist = await self._checklist(erp)
        if checklist is None:
            await self._tell_missing(erp)
            return None
        return await self._assess(found, erp, checklist)

    async def _assess(self, found: Object, erp: ValeoERP, checklist: GoLiveChecklistSpec) -> Assessment:
        names = Names.of(erp.metadata)
        facts, gates, (policies, operator) = await asyncio.gather(
            observe(found, self.cluster, self.web, self.clock(), _documents(checklist)),
            self.cluster.list(GATES, names.namespace, names.selector),
            self.policies.now(self.clock()),
        )
        signatures = await self._signatures(names, policies, operator)
        chain = _not_shorter(read_chain(facts.seen(CONFIG_MAPS), names), erp)
        signed = self._signed(facts, signatures, policies, operator)
        assessment = assess(facts, subject_of(facts, checklist, chain), signed)
        await self._write(assessment, facts, chain, gates, signatures)
        return assessment

    async def _checklist(self, erp: ValeoERP) -> GoLiveChecklistSpec | None:
        named = erp.spec.go_live.checklist if erp.spec.go_live else None
        if named is None:
            return shipped()
        found = await self.cluster.get(CHECKLISTS, erp.metadata.namespace, named)
        return None if found is None else GoLiveChecklist.model_validate(found).spec

    async def _signatures(self, names: Names, policies: Sequence[Object], operator: str) -> Signatures:
        lists = await asyncio.gather(
            self.cluster.list(APPROVALS, names.namespace, {}), self.cluster.list(WAIVERS, names.namespace, {})
        )
        approvals = [GoLiveApproval.model_validate(each) for each in lists[0] if _is_of(each, names)]
        waivers = [GoLiveWaiver.model_validate(each) for each in lists[1] if _is_of(each, names)]
        of_approvals = proof(policies, operator, APPROVALS_POLICY)
        of_waivers = proof(policies, operator, WAIVERS_POLICY)
        return Signatures(
            stored={
                **{f"GoLiveApproval/{each.metadata.name}": each for each in approvals},
                **{f"GoLiveWaiver/{each.metadata.name}": each for each in waivers},
            },
            approvals=tuple(each for found in approvals if (each := approval(found, of_approvals))),
            waivers=tuple(one for granted in waivers if (one := waiver(granted, of_waivers))),
        )

    def _signed(self, facts: Facts, signatures: Signatures, policies: Sequence[Object], operator: str) -> Signed:
        carriers = [each for each in facts.seen(CONFIG_MAPS) if label(each, EVIDENCE_LABEL)]
        shelf = self.shelves.setdefault(facts.names.uid, Shelf())
        evidence = shelf.read(carriers, self.trust.keys)
        doubtful = self.trust.doubts(evidence) | doubts(carriers, proof(policies, operator, EVIDENCE_POLICY))
        return Signed(signatures.approvals, signatures.waivers, evidence, doubtful)

    # --- writing ----------------------------------------------------------------------------------------------------

    async def _write(
        self, found: Assessment, facts: Facts, chain: Chain, gates: Sequence[Object], signatures: Signatures
    ) -> None:
        """The trail first: what is not in it is not told anywhere else."""
        by_id = {str(dig(each, "spec", "gate")): each for each in gates}
        happened = happenings(found, chain, by_id, signatures.approvals, signatures.waivers)
        if not chain.broken:
            chain = await self._extend(chain, written(chain, happened, found.subject.digest, facts.now), facts.names)
        await self._write_gates(found, facts, by_id)
        if found.verdict.ready:
            await self._mark_used(found, signatures, facts.now)
        await self._write_summary(found, facts, chain)
        await self._show(found, facts)
        await self._look_inside(facts)
        await self._test_alert(facts)
        if not chain.broken:
            await announce(news(happened, found), facts.erp, facts.now, self.cluster)

    async def _show(self, found: Assessment, facts: Facts) -> None:
        """For the ERP's own page."""
        wanted = shown_if_due(found, facts.seen(CONFIG_MAPS), facts.names, facts.now)
        if wanted is not None:
            await self.cluster.apply(CONFIG_MAPS, wanted)

    async def _extend(self, chain: Chain, entries: list[dict[str, object]], names: Names) -> Chain:
        for page in pages_with(chain, entries, names):
            await self.cluster.apply(CONFIG_MAPS, page)
        return Chain(chain.pages, (*chain.entries, *entries))

    async def _write_gates(self, found: Assessment, facts: Facts, stored: Mapping[str, Object]) -> None:
        wanted = {entry.id for entry in found.subject.checklist.entries}
        gone = [each for gate, each in stored.items() if gate not in wanted]
        await _several(self.cluster.delete(GATES, facts.names.namespace, name_of(each), uid_of(each)) for each in gone)
        await _several(self._write_gate(entry.id, found, facts, stored) for entry in found.subject.checklist.entries)

    async def _write_gate(self, gate: str, found: Assessment, facts: Facts, stored: Mapping[str, Object]) -> None:
        entry = next(each for each in found.subject.checklist.entries if each.id == gate)
        stands, held = found.standings[gate], stored.get(gate)
        status = gate_status(stands, found.subject, held, facts.now)
        tell = must_be_told(status, held, entry, facts.now)
        wanted = gate_object(entry, stands, found.subject, facts.names)
        if must_be_applied(wanted, held):
            held = await self.cluster.apply(GATES, wanted)
        if tell and held is not None:
            status["observedGeneration"] = held["metadata"]["generation"]
            await self.cluster.replace_status(GATES, held, status)

    async def _look_inside(self, facts: Facts) -> None:
        """Send the Job that looks into the database; another operator may have sent the same one."""
        wanted = job_to_send(facts)
        if wanted is None:
            return
        try:
            await self.cluster.create(JOBS, wanted)
        except RefusedError as refused:
            if not refused.is_conflict:
                raise

    async def _test_alert(self, facts: Facts) -> None:
        """Send the test alert that is due, or note what became of the last one. What was not taken is not noted."""
        due, seen = to_send(facts), looked_after(facts)
        if due is not None:
            address = f"{facts.erp.spec.monitoring.alertmanager_url}/api/v2/alerts"
            reply = await self.web.post(address, alert(due, facts))
            if reply.status != HTTPStatus.OK:
                logger.warning("the test alert was not taken: %s", reply.problem or f"HTTP {reply.status}")
                return
        wanted = seen or due
        if wanted is not None:
            await self.cluster.apply(CONFIG_MAPS, record_object(wanted, facts))

    async def _mark_used(self, found: Assessment, signatures: Signatures, now: datetime) -> None:
        """From now on they can't be taken back: the installation was found ready with them."""
        counted = {f"GoLiveApproval/{name}" for each in found.standings.values() for name in each.approvals}
        counted |= {f"GoLiveWaiver/{each.waiver}" for each in found.standings.values() if each.waiver}
        fresh = [each for name, each in signatures.stored.items() if name in counted and each.status.used_at is None]
        for each in fresh:
            used = Used(
                observed_generation=each.metadata.generation, used_at=now, used_for=found.subject.release
            ).to_object()
            kind = APPROVALS if isinstance(each, GoLiveApproval) else WAIVERS
            meta = {"name": each.metadata.name, "namespace": each.metadata.namespace}
            await self.cluster.apply(kind, {"metadata": meta, "status": {**used, "usedAt": stamp(now)}}, "status")

    async def _write_summary(self, found: Assessment, facts: Facts, chain: Chain) -> None:
        told = {
            "goLive": summary(found, chain),
            "conditions": [condition(found, chain, facts.erp, facts.now)],
        }
        await self._write_status(facts.erp, told)

    async def _tell_missing(self, erp: ValeoERP) -> None:
        named = erp.spec.go_live.checklist if erp.spec.go_live else None
        await self._write_status(erp, {"conditions": [missing_checklist(str(named), erp, self.clock())]})

    async def _withdraw(self, erp: ValeoERP) -> None:
        """No gates are asked for any more: they go, and the trail stays."""
        if erp.status.go_live is None:
            return
        names = Names.of(erp.metadata)
        gates = await self.cluster.list(GATES, names.namespace, names.selector)
        await _several(self.cluster.delete(GATES, names.namespace, name_of(each), uid_of(each)) for each in gates)
        shown = await self.cluster.list(CONFIG_MAPS, names.namespace, names.selector)
        for each in (each for each in shown if name_of(each) == names.shown_gates):
            await self.cluster.delete(CONFIG_MAPS, names.namespace, name_of(each), uid_of(each))
        await self._write_status(erp, {})

    async def _write_status(self, erp: ValeoERP, told: Object) -> None:
        """Only our part, and only if it changed: the API server knows which fields are ours."""
        held = erp.status.model_dump(by_alias=True, mode="json", exclude_none=True)
        if told and _same(told, held):
            return
        meta = {"name": erp.metadata.name, "namespace": erp.metadata.namespace}
        await self.cluster.apply(ERPS, {"metadata": meta, "status": told}, "status")


def _same(told: Object, held: Object) -> bool:
    conditions = {each["type"]: each for each in held.get("conditions", ())}
    same_conditions = all(conditions.get(each["type"]) == each for each in told["conditions"])
    return same_conditions and told.get("goLive") == held.get("goLive")


def _documents(checklist: GoLiveChecklistSpec) -> frozenset[str]:
    return frozenset(each.document.path for each in checklist.entries if each.document)


def _is_of(signature: Object, names: Names) -> bool:
    return bool(dig(signature, "spec", "installation") == names.name)


def _not_shorter(chain: Chain, erp: ValeoERP) -> Chain:
    """A chain from whose end something was taken still verifies; the status remembers how long it was."""
    known = erp.status.go_live.trail if erp.status.go_live else None
    if chain.broken or known is None or known.entries == 0:
        return chain
    if len(chain.entries) < known.entries:
        return Chain(chain.pages, chain.entries, f"it had {known.entries} entries and has {len(chain.entries)}")
    if known.head and chain.entries[known.entries - 1]["hash"] != known.head:
        return Chain(chain.pages, chain.entries, f"entry {known.entries} is another one than before")
    return chain


async def _several(works: Iterable[Awaitable[None]]) -> None:
    """Do them a few at a time; the first refusal ends the look."""
    places = asyncio.Semaphore(_AT_ONE_TIME)

    async def do(work: Awaitable[None]) -> None:
        async with places:
            await work

    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(do(work))
