"""What happens with a spec: an installation comes up, another release goes live, backups are made, gates are judged."""

import asyncio
import copy
from collections.abc import Callable
from functools import cache

from tests.support.cluster_in_memory import secret
from tests.support.data_in_memory import DataLife
from tests.support.gates_in_memory import BEGIN, DIGEST, Web, going_live
from tests.support.installation_in_memory import BRIEF, NAMESPACE, Life, annotate, manifest
from tests.support.places import Places, leaves, places

from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import ERPS, RELEASES, SECRETS
from valeo_operator.cluster.objects import Object
from valeo_operator.evidence.carriers import Evidence
from valeo_operator.evidence.summary import Format, Readiness, Summary
from valeo_operator.golive.bundles import GATE, bundle_refusal, with_required
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.kinds import GATES
from valeo_operator.golive.lifecycle import Subject
from valeo_operator.golive.look import GateKeeper, Policies
from valeo_operator.installations.facts import Analysis
from valeo_operator.installations.numbers import limits_of, prometheus_of

LOGINS = ("owner", "login", "another", "authority", "other-authority", "client", "other-client")
NEXT = "valeo-erp:1.1.0"
DAY = 86400


@cache
def made_before() -> tuple[Object, ...]:
    """The Secrets of an installation that was there before: keys take long to make, and differ from life to life."""
    life = Life()
    life.apply()
    life.go_on(rounds=40)
    return tuple(life.cluster.all(SECRETS))


def beginning() -> Life:
    """A world that holds nothing but Secrets: the installation's own, and every one that a spec may name."""
    life = Life()
    for each in made_before():
        meta = {key: each["metadata"][key] for key in ("name", "namespace", "labels")}
        life.cluster.put(SECRETS, {"metadata": meta, "data": each["data"]})
    for name in LOGINS:
        values = {"username": name, "password": "p", "ca.crt": "x", "client-secret": "s", "other-key": "s"}
        life.cluster.put(SECRETS, secret(name, values))
    return life


def comes_up(spec: Object) -> Places:
    """An installation is applied and comes up."""
    life = beginning()
    life.apply(**spec)
    life.go_on(rounds=40)
    return places(life.cluster)


def comes_up_beside_prometheus(spec: Object) -> Places:
    """An installation comes up where the cluster knows the kinds of the Prometheus operator."""
    life = beginning()
    life.cluster.unserved = frozenset()
    life.apply(**spec)
    life.go_on(rounds=40)
    return places(life.cluster)


def is_changed(spec: Object) -> Places:
    """An installation that is complete gets this spec."""
    life = beginning()
    life.apply()
    life.go_on(rounds=40)
    life.apply(**spec)
    life.go_on(rounds=40)
    return places(life.cluster)


def another_release(analysis: Analysis | None = None, connections: int | None = None) -> Callable[[Object], Places]:
    """An installation that is complete gets a newer image, with this spec; the phase of every second is noted."""

    def story(spec: Object) -> Places:
        rollout = {**BRIEF, **spec.get("rollout", {})}
        life = beginning()
        life.apply(rollout=rollout)
        life.go_on(rounds=40)
        if analysis is not None:
            life.controllers.analyses[NEXT] = analysis
        life.controllers.connections = connections
        life.apply(**{**spec, "rollout": rollout}, image=NEXT)
        seen: dict[str, object] = {}
        for second in range(60):
            life.look()
            seen[f"phase at {second} s:{life.status['phase']}"] = True
            life.controllers.work()
            life.cluster.pass_time(1)
        return {**places(life.cluster), **seen}

    return story


def is_watched(spec: Object) -> Places:
    """What the numbers of a watched release are held against."""
    wanted = ValeoERP.model_validate(manifest(**spec))
    limits = limits_of(wanted.spec.rollout)
    return {
        "numbers from": prometheus_of(wanted.spec),
        "limits.error_rate": limits.error_rate,
        "limits.p95": limits.p95,
    }


def many_releases(spec: Object) -> Places:
    """Five releases, one after the other."""
    life = beginning()
    for number in range(5):
        life.apply(rollout={**BRIEF, **spec.get("rollout", {})}, publicURL=f"http://127.0.0.1:{9000 + number}")
        life.go_on(rounds=60)
    return {"how many releases": len(life.cluster.all(RELEASES))}


def is_rotated(spec: Object) -> Places:
    """A login is replaced because somebody asks for it."""
    life = beginning()
    life.apply(**spec)
    life.go_on(rounds=40)
    annotate(life, rotate="database")
    life.go_on(rounds=120, seconds=10)
    return places(life.cluster)


def is_deleted(spec: Object) -> Places:
    """An installation is deleted."""
    life = beginning()
    life.apply(**spec)
    life.go_on(rounds=40)
    life.cluster.lose(ERPS, NAMESPACE, "production")
    life.go_on(rounds=5)
    return places(life.cluster)


# --- backups ----------------------------------------------------------------------------------------------------------


def with_backups(spec: Object) -> DataLife:
    """An installation with these backups, looked at a few times."""
    life = DataLife()
    life.begin(**spec.get("backup", {}))
    life.go_on(4)
    return life


def is_backed_up(spec: Object) -> Places:
    """A person asks for a backup, and for the drill of it."""
    life = with_backups(spec)
    life.ask_for_backup()
    life.go_on(12)
    life.ask_for_restore(mode="Drill")
    life.go_on(12)
    return places(life.cluster)


def a_night_later(spec: Object) -> Places:
    """The operator was away for sixteen hours: two at night are over, and so is four."""
    life = with_backups(spec)
    life.ask_for_backup()
    life.go_on(12)
    life.cluster.pass_time(16 * 3600 + 1800)
    life.go_on(20)
    return places(life.cluster)


def months_later(spec: Object) -> Places:
    """A backup was made by hand every fourth week, for half a year; schedules are off."""
    quiet = {"suspend": True, "drill": {"suspend": True}, "verifyDays": 0}
    life = with_backups({"backup": {**quiet, **spec.get("backup", {})}})
    for number in range(6):
        life.ask_for_backup(f"n{number}")
        life.go_on(12)
        life.cluster.pass_time(28 * DAY)
        life.go_on(12)
    return places(life.cluster)


def three_days_later(spec: Object) -> Places:
    """A backup was made three days ago."""
    life = with_backups({"backup": {"suspend": True, "drill": {"suspend": True}, **spec.get("backup", {})}})
    life.ask_for_backup()
    life.go_on(12)
    life.cluster.pass_time(3 * DAY)
    life.go_on(12)
    return places(life.cluster)


def is_restored(spec: Object) -> Places:
    """A backup takes the place of the live database."""
    life = with_backups(spec)
    life.ask_for_backup("good")
    life.go_on(12)
    life.ask_for_restore(mode="InPlace", acknowledgeDataLoss=True, backup="good")
    life.go_on(40)
    return places(life.cluster)


# --- gates ------------------------------------------------------------------------------------------------------------


def is_judged(spec: Object) -> Places:
    """The gates are looked at once."""
    world = going_live()
    world.erp["spec"]["goLive"] |= spec["goLive"]
    world.erp["spec"] |= {key: value for key, value in spec.items() if key != "goLive"}
    keeper = GateKeeper(world, Web(), lambda: world.now, Policies(world))
    asyncio.run(keeper.look(copy.deepcopy(world.erp)))
    return {
        f"{kind.name}/{name}:{path}": value
        for (kind, _, name), each in world.objects.items()
        if kind in {GATES, ERPS}
        for path, value in leaves({"status": each.get("status"), **({} if kind is ERPS else {"spec": each["spec"]})})
    }


def is_asked_for_elsewhere(spec: Object) -> Places:
    """The line that is added to the checklist where results of staging are asked for."""
    asked = ValeoERP.model_validate(manifest(**spec)).spec.go_live
    assert asked is not None
    added = [each for each in with_required(shipped(), asked.requires).entries if each.id == GATE]
    return dict(leaves([each.to_object() for each in added]))


def results_are_brought(spec: Object) -> Places:
    """Signed results of staging are brought to it."""
    asked = ValeoERP.model_validate(manifest(**spec)).spec.go_live
    assert asked is not None
    held = checklist_hash(shipped())
    subject = Subject("production", asked.environment, "r1", DIGEST, "alice", shipped(), held, "1", asked.requires)
    readiness = Readiness("staging", "2", "staging", held, "ci", {}, "")
    summary = Summary("valeo", signed_by="staging", readiness=readiness)
    evidence = Evidence("bundle", Format.IN_TOTO, frozenset(), DIGEST, "ci", BEGIN, "00", summary)
    return {"why they do not count": bundle_refusal(evidence, subject)}
