"""What is made for a Prometheus operator, and the gates about alerts beside the real Prometheus and Alertmanager.

The Prometheus operator itself can't be had here: its kinds are there without their schema, and nobody acts on them.
"""

import asyncio
import json
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from aiohttp import web
from tests.cluster.conftest import ran
from tests.support.api_server import ApiServer, Manifest
from tests.support.installed import Place, place, until
from tests.support.rights import counted_calls

from valeo_operator.api.golive import Check, Result
from valeo_operator.api.valeoerp import ValeoERP
from valeo_operator.cluster.kinds import CONFIG_MAPS, RELEASES
from valeo_operator.cluster.objects import dig
from valeo_operator.golive.checks import look
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.test_alert import Record, alert, looked_after, record_object, to_send
from valeo_operator.golive.watched import ask_monitoring
from valeo_operator.golive.web import HttpWeb
from valeo_operator.installations.facts import Analysis
from valeo_operator.installations.facts import Facts as InstallationFacts
from valeo_operator.installations.numbers import PodNumbers
from valeo_operator.monitoring.desired import alert_rules

WEB = HttpWeb()
DEADLINE = 40.0
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class OnCall:
    """Who is called: a webhook that takes what comes, or refuses it."""

    url: str
    calls: list[Any]
    status: int = 200


@pytest.fixture
async def on_call() -> AsyncIterator[OnCall]:
    port = free_port()
    called = OnCall(f"http://127.0.0.1:{port}/", [])

    async def take(request: web.Request) -> web.Response:
        called.calls.append(await request.json())
        return web.Response(status=called.status)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield called
    await runner.cleanup()


@contextmanager
def started(log: Path, *command: str) -> Iterator[None]:
    with log.open("w") as written, subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def alertmanager(tmp_path: Path, on_call: OnCall) -> Iterator[str]:
    hook = {"url": on_call.url, "send_resolved": False}
    config = {
        "route": {"receiver": "on-call", "group_by": ["..."], "group_wait": "1s", "group_interval": "1s"},
        "receivers": [{"name": "on-call", "webhook_configs": [hook]}],
    }
    (tmp_path / "alertmanager.yaml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = (
        ran("manifests/machine/monitoring-tool", "prometheus-alertmanager"),
        f"--config.file={tmp_path}/alertmanager.yaml",
        f"--storage.path={tmp_path}/alertmanager",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    with started(tmp_path / "alertmanager.log", *command):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def prometheus(tmp_path: Path, alertmanager: str, facts: Facts) -> Iterator[str]:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(alert_rules(facts.erp.spec, facts.names)["spec"]))
    config = {
        "global": {"evaluation_interval": "1s"},
        "rule_files": [f"{tmp_path}/rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]},
    }
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = (
        ran("manifests/machine/monitoring-tool", "prometheus"),
        f"--config.file={tmp_path}/prometheus.yaml",
        f"--storage.tsdb.path={tmp_path}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with started(tmp_path / "prometheus.log", *command):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def facts() -> Facts:
    return Facts(erp=erp(), now=datetime.now(UTC), objects={CONFIG_MAPS: ()})


def erp(name: str = "acme", **monitoring: str) -> ValeoERP:
    spec = {
        "image": "valeo-erp:1",
        "publicURL": "https://erp.example.com",
        "auth": {"issuer": "https://id.example.com"},
        "monitoring": monitoring,
    }
    return ValeoERP.model_validate({"metadata": {"name": name, "namespace": "shop", "uid": "u"}, "spec": spec})


async def heard(facts: Facts, **monitoring: str) -> Facts:
    """The facts with what monitoring answers now."""
    asked = replace(facts, erp=erp(facts.names.name, **monitoring), now=datetime.now(UTC))
    return replace(asked, watched=await ask_monitoring(WEB, asked))


async def until_there_is(look_again: Callable[[], Awaitable[T | None]]) -> T:
    """What is found at last."""
    async with asyncio.timeout(DEADLINE):
        found = await look_again()
        while found is None:
            await asyncio.sleep(0.5)
            found = await look_again()
        return found


async def test_rules_that_prometheus_evaluates_pass_and_those_of_another_installation_do_not(
    prometheus: str, facts: Facts
) -> None:
    async def passes() -> bool | None:
        seen = look(Check.ALERT_RULES, await heard(facts, prometheusURL=prometheus))
        return True if seen.result is Result.PASS else None

    assert await until_there_is(passes)
    other = look(Check.ALERT_RULES, await heard(Facts(erp("another"), facts.now), prometheusURL=prometheus))

    assert other.result is Result.FAIL


async def sent(facts: Facts, alertmanager: str) -> Facts:
    """The test alert is sent as the operator sends it, and noted."""

    async def due() -> tuple[Facts, Record] | None:
        seen = await heard(facts, alertmanagerURL=alertmanager)
        record = to_send(seen)
        return None if record is None else (seen, record)

    seen, record = await until_there_is(due)
    reply = await WEB.post(f"{alertmanager}/api/v2/alerts", alert(record, seen))
    assert reply.status == 200, reply
    return replace(seen, objects={CONFIG_MAPS: (record_object(record, seen),)})


async def followed(facts: Facts, alertmanager: str) -> Facts:
    """The facts when it is known what became of it."""

    async def known() -> Record | None:
        return looked_after(await heard(facts, alertmanagerURL=alertmanager))

    record = await until_there_is(known)
    return replace(facts, objects={CONFIG_MAPS: (record_object(record, facts),)})


async def test_a_test_alert_passes_when_the_receiver_has_it(alertmanager: str, on_call: OnCall, facts: Facts) -> None:
    arrived = await followed(await sent(facts, alertmanager), alertmanager)

    (call,) = on_call.calls
    assert call["alerts"][0]["labels"] == {
        "alertname": "ValeoTestAlert",
        "severity": "critical",
        "namespace": "shop",
        "installation": "acme",
        "nonce": call["alerts"][0]["labels"]["nonce"],
    }
    for check in (Check.TEST_ALERT, Check.ALERT_ROUTING):
        assert look(check, arrived).result is Result.PASS
    assert look(Check.ALERT_ROUTING, arrived).message.endswith("is led to on-call.")


async def test_a_test_alert_fails_when_the_receiver_refuses_it(
    alertmanager: str, on_call: OnCall, facts: Facts
) -> None:
    on_call.status = 400
    refused = await followed(await sent(facts, alertmanager), alertmanager)

    assert on_call.calls
    assert look(Check.TEST_ALERT, refused).result is Result.FAIL
    assert "webhook failed" in look(Check.TEST_ALERT, refused).message


async def test_an_alertmanager_that_is_away_is_unknown(facts: Facts) -> None:
    away = await heard(facts, alertmanagerURL=f"http://127.0.0.1:{free_port()}")

    assert look(Check.TEST_ALERT, away).result is Result.UNKNOWN
    assert to_send(away) is None


# --- numbers of a watched release -------------------------------------------------------------------------------------

PODS = {"blue": "acme-blue-5d8-x9z", "green": "acme-green-7c6-q2w"}


@dataclass
class Numbers:
    """What the pods of a colour count; every time that somebody asks, more was answered."""

    served: int = 0
    failed: int = 0
    fails: int = 0

    def page(self) -> str:
        """The numbers now."""
        self.served += 40
        self.failed += self.fails
        route = 'route="/api/v1/invoices",method="GET"'
        return (
            f'valeo_http_requests_total{{{route},status="200"}} {self.served}\n'
            f'valeo_http_requests_total{{{route},status="500"}} {self.failed}\n'
            f'valeo_http_requests_total{{route="/readyz",method="GET",status="200"}} {self.served}\n'
            f'valeo_http_request_seconds_bucket{{{route},le="0.1"}} {self.served}\n'
            f'valeo_http_request_seconds_bucket{{{route},le="+Inf"}} {self.served}\n'
        )


@pytest.fixture
async def pods() -> AsyncIterator[tuple[dict[str, Numbers], int]]:
    """Numbers of both colours, at one port."""
    told = {colour: Numbers() for colour in PODS}

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=told[request.match_info["colour"]].page())

    app = web.Application()
    app.router.add_get("/{colour}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield told, port
    await runner.cleanup()


@pytest.fixture
def scraping(tmp_path: Path, pods: tuple[dict[str, Numbers], int]) -> Iterator[str]:
    """A Prometheus that asks both every second."""
    jobs = [
        {
            "job_name": colour,
            "metrics_path": f"/{colour}",
            "static_configs": [
                {"targets": [f"127.0.0.1:{pods[1]}"], "labels": {"namespace": "shop", "pod": pod}},
            ],
        }
        for colour, pod in PODS.items()
    ]
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = (
        ran("manifests/machine/monitoring-tool", "prometheus"),
        f"--config.file={tmp_path}/prometheus.yaml",
        f"--storage.tsdb.path={tmp_path}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with started(tmp_path / "prometheus.log", *command):
        yield f"http://127.0.0.1:{port}"


def release(colour: str) -> Manifest:
    spec = {
        "installation": "acme",
        "version": "1",
        "image": "valeo-erp:1",
        "digest": f"sha256:{'ab' * 32}",
        "configHash": "0123456789",
        "schemaRevision": "1",
        "oldestSchemaRevision": "1",
        "colour": colour,
    }
    return {"metadata": {"name": f"acme-1-{colour}", "namespace": "shop"}, "spec": spec}


def switched(prometheus: str, name: str = "acme") -> InstallationFacts:
    """Green was made active a moment ago; its numbers come from Prometheus."""
    found = erp(name, prometheusURL=prometheus).model_dump(by_alias=True, mode="json", exclude_none=True)
    found["spec"]["rollout"]["numbersFrom"] = "Prometheus"
    at = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    found["status"] = {"targetRelease": "acme-1-green", "previousRelease": "acme-1-blue", "course": {"switchedAt": at}}
    objects = {(RELEASES, f"acme-1-{colour}"): release(colour) for colour in PODS}
    return InstallationFacts(ValeoERP.model_validate(found), objects)


async def test_a_release_is_judged_by_what_a_real_prometheus_scraped(
    scraping: str, pods: tuple[dict[str, Numbers], int]
) -> None:
    numbers = PodNumbers(lambda: datetime.now(UTC))

    async def told(result: str) -> Analysis | None:
        seen = await numbers.analysis(switched(scraping))
        return seen if seen is not None and seen.result == result else None

    passes = await until_there_is(lambda: told("Pass"))
    pods[0]["green"].fails = 10
    fails = await until_there_is(lambda: told("Fail"))

    assert passes.sentence.startswith(("none of ", "0 % of "))  # fifty requests are enough for a rate
    assert "were answered with 5xx, the limit is 1 %" in fails.sentence
    another = await numbers.analysis(switched(scraping, "another"))
    assert another is not None
    assert (another.result, another.sentence) == ("Unknown", "no pod told its numbers")


async def test_a_real_prometheus_answers_what_is_asked_about_courses_of_time(
    scraping: str, pods: tuple[dict[str, Numbers], int], facts: Facts
) -> None:
    assert pods

    async def told() -> Facts | None:
        seen = await heard(facts, prometheusURL=scraping)
        return seen if dig(seen.watched.rates.json, "data", "result") else None

    seen = await until_there_is(told)
    named = {each["metric"]["what"] for each in seen.watched.rates.json["data"]["result"]}

    assert named in ({"now", "before"}, {"now"})
    assert seen.watched.memory.json["data"]["resultType"] == "matrix"
    assert look(Check.MEMORY_STEADY, seen).result is Result.UNKNOWN


async def test_a_prometheus_that_is_away_is_unknown() -> None:
    seen = await PodNumbers(lambda: datetime.now(UTC)).analysis(switched(f"http://127.0.0.1:{free_port()}"))

    assert seen is not None
    assert (seen.result, seen.sentence.partition(":")[0]) == ("Unknown", "Prometheus does not answer")


# --- on the cluster -------------------------------------------------------------------------------------------------

KINDS = {"PodMonitor": "podmonitors", "PrometheusRule": "prometheusrules"}
MADE = {
    (verb, f"{plural}.monitoring.coreos.com")
    for verb in ("list", "create", "patch", "delete")
    for plural in KINDS.values()
}


def definition(kind: str, plural: str) -> Manifest:
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.monitoring.coreos.com",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": "monitoring.coreos.com",
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": anything}],
        },
    }


@pytest.fixture(scope="module")
def watched(operator: ApiServer) -> Iterator[Place]:
    """An installation that is Ready before the cluster knows the kinds of the Prometheus operator."""
    with place(operator, "monitoring") as there:
        there.apply()
        there.complete()
        assert not there.get("configmap", "acme-dashboard")
        definitions = [definition(kind, plural) for kind, plural in KINDS.items()]
        try:
            operator.kubectl(
                "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": definitions})
            )
            yield there
        finally:
            operator.kubectl("delete", "crd", *(each["metadata"]["name"] for each in definitions), "--timeout=60s")


def rule(there: Place) -> Manifest | None:
    return there.get("prometheusrules.monitoring.coreos.com", "acme")


@pytest.mark.timeout(400)
def test_what_a_prometheus_operator_reads_comes_with_its_kinds_and_is_kept(watched: Place) -> None:
    until(lambda: rule(watched) is not None, watched.told, 90)
    assert watched.get("podmonitors.monitoring.coreos.com", "acme")
    assert watched.get("configmap", "acme-dashboard")
    assert watched.is_ready()

    watched.kubectl("delete", "prometheusrules.monitoring.coreos.com", "acme")
    watched.kubectl("annotate", "valeoerp", "acme", "example.com/look=now")
    until(lambda: rule(watched) is not None, watched.told, 90)

    watched.apply(monitoring={"objects": False})
    until(lambda: rule(watched) is None, watched.told, 90)
    until(lambda: not watched.get("configmap", "acme-dashboard"), watched.told, 30)

    assert counted_calls(watched.cluster) >= MADE
