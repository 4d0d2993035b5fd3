"""A login is replaced on a real cluster while people work: all are answered, and in the end the old one is closed.

One installation goes through all of it, in the order of this file.
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from tests.support.api_server import ApiServer, Manifest
from tests.support.installed import OPERATOR_NAMESPACE, Place, place, until

pytestmark = pytest.mark.timeout(600)
FIRST, SECOND = "acme-database-app-a", "acme-database-app-b-2"
PAUSE = 0.25
RUNBOOK = Path(__file__).parents[2] / "docs/runbooks/ROTATION.md"


@dataclass
class Visitors:
    """Somebody who asks the Service four times a second, each time with a new connection."""

    url: str
    answers: Counter[str] = field(default_factory=Counter)

    def ask(self, path: str, expected: HTTPStatus) -> None:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - our own Service
                status = answer.status
        except urllib.error.HTTPError as other:
            status = other.code
        except OSError as broken:
            self.answers[f"{path.partition('?')[0][:7]}: {broken}"] += 1
            return
        self.answers["well" if status == expected else f"{path[:7]}: {status}"] += 1

    def come(self, ends: threading.Event) -> None:
        """One looks whether it is ready, the next one whether a paper is genuine; both ask the database."""
        while not ends.wait(PAUSE):
            self.ask("/readyz", HTTPStatus.OK)
            self.ask(f"/verify/{uuid4()}?code=none", HTTPStatus.NOT_FOUND)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where the browser is sent to is looked at, and not gone to."""

    def redirect_request(self, *_: object) -> None:
        """Nowhere."""


@dataclass
class Newcomer(Visitors):
    """Somebody who begins to sign in and comes back from the provider a moment later, over and over.

    He comes back without a code: a sign-in that is known is refused as that, one that is lost has to begin again.
    """

    def come(self, ends: threading.Event) -> None:
        begun = self._begins()
        while not ends.wait(1):
            address = f"{self.url}/auth/callback?error=declined&state={begun[0]}"
            known = self._answers(urllib.request.Request(address, headers={"Cookie": begun[1]}))[0]  # noqa: S310 - ours
            self.answers["well" if known == HTTPStatus.FORBIDDEN else f"sign-in: {known}"] += 1
            begun = self._begins()

    def _begins(self) -> tuple[str, str]:
        status, headers = self._answers(urllib.request.Request(f"{self.url}/auth/login"))  # noqa: S310 - ours
        if status != HTTPStatus.SEE_OTHER:
            self.answers[f"login: {status}"] += 1
        state = parse_qs(urlsplit(headers.get("Location") or "").query).get("state", [""])[0]
        return state, (headers.get("Set-Cookie") or "").partition(";")[0]

    def _answers(self, asked: urllib.request.Request) -> tuple[int | str, Message]:
        try:
            with urllib.request.build_opener(NoRedirect).open(asked, timeout=10) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as other:
            return other.code, other.headers
        except OSError as broken:
            return str(broken), Message()


@contextmanager
def visitors(url: str, kind: type[Visitors] = Visitors) -> Iterator[Visitors]:
    """They come until the block ends."""
    made, ends = kind(url), threading.Event()
    thread = threading.Thread(target=made.come, args=(ends,))
    thread.start()
    try:
        yield made
    finally:
        ends.set()
        thread.join()


@pytest.fixture(scope="module")
def erp(operator: ApiServer) -> Iterator[Place]:
    """An installation that is Complete, reached through a port of the node."""
    with place(operator, "rotation") as made:
        brief = {"stabilitySeconds": 2, "drainSeconds": 2, "watchSeconds": 3}
        # How fast this machine answers is no matter of a rotation. Smoke tests use up a minute's requests, and here
        # one release follows the other within it.
        rollout = {**brief, "maxP95Milliseconds": 60000, "smokeTests": False}
        made.apply(service={"type": "NodePort"}, rotation={"overlap": "1m"}, backup={}, rollout=rollout)
        made.complete(200)
        yield made


@pytest.fixture(scope="module")
def seen() -> dict[str, str]:
    """The passwords that were ever in use."""
    return {}


def url(erp: Place) -> str:
    service = erp.get("service", erp.name) or {}
    address = erp.cluster.kubectl(
        "get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}"
    )
    return f"http://{address}:{service['spec']['ports'][0]['nodePort']}"


def rotation(erp: Place) -> Manifest:
    told: Manifest = erp.status.get("rotation", {}).get("database", {})
    return told


def why(erp: Place) -> str:
    """Where it stands, and why a rotation was taken back."""
    return f"{rotation(erp)} {erp.told()} {erp.events('RotationTakingBack')}"


def remember(erp: Place, seen: dict[str, str]) -> None:
    for each in erp.all("secret"):
        name = each["metadata"]["name"]
        if "-database-" in name:
            seen[name] = base64.b64decode(each["data"]["password"]).decode()


def role(erp: Place, name: str) -> str:
    """May it log in, and has it a password? As the server's catalogue has it."""
    sql = f"select rolcanlogin, rolpassword is null from pg_authid where rolname = '{name}'"  # noqa: S608 - our name
    script = f'PGPASSWORD=$(cat /etc/valeo/admin/password) psql -h 127.0.0.1 -U postgres -Atc "{sql}"'
    return erp.kubectl("exec", "acme-database-0", "--", "sh", "-c", script).strip()


def test_a_login_is_replaced_while_every_request_is_answered(erp: Place, seen: dict[str, str]) -> None:
    before = erp.status["activeRelease"]
    remember(erp, seen)
    with visitors(url(erp)) as came:
        erp.kubectl("annotate", "valeoerp", erp.name, "valeoerp.io/rotate=database")
        until(lambda: rotation(erp).get("phase") == "Overlapping", lambda: why(erp), 300)
        remember(erp, seen)
        assert {FIRST, SECOND} <= set(seen)
        until(lambda: rotation(erp).get("phase") == "Idle", lambda: str(rotation(erp)), 150)
        time.sleep(3)  # people go on for a while after the old login is closed
    assert set(came.answers) == {"well"}, came.answers
    assert came.answers["well"] > 100
    assert erp.status["activeRelease"] != before
    assert erp.complete(30) >= 0


def test_the_old_login_is_closed_and_its_secret_gone(erp: Place) -> None:
    assert role(erp, "valeo_app_a") == "f|t"
    assert role(erp, "valeo_app_b") == "t|f"
    assert [name for name in (FIRST, "acme-database-app-b") if erp.get("secret", name)] == []
    made = erp.get("secret", SECOND)
    assert made is not None
    assert made["immutable"] is True


def test_the_pods_report_the_new_version_and_the_status_its_age(erp: Place) -> None:
    with urllib.request.urlopen(f"{url(erp)}/readyz", timeout=10) as answer:  # noqa: S310 - our own Service
        assert json.load(answer)["credential_version"] == "2"
    told = rotation(erp)
    assert (told["secret"], told["version"]) == (SECOND, 2)
    assert told["since"] < told["nextAt"]
    until(lambda: erp.condition("CredentialsFresh")["status"] == "True", lambda: str(told), 30)
    assert "is retired" in erp.condition("RollbackPossible")["message"]


def test_the_lock_is_free_and_each_step_was_told_once(erp: Place) -> None:
    until(lambda: erp.all("lease") == [], lambda: str(erp.all("lease")), 30)
    steps = ("Preparing", "Releasing", "Proving", "Overlapping", "Retiring", "Complete")
    assert {step: len(erp.events(f"Rotation{step}")) for step in steps} == dict.fromkeys(steps, 1)


def commands() -> list[str]:
    """The blocks of the runbook that a person copies, in their order."""
    return re.findall(r"^```sh\n(.*?)^```$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_runbook_do_what_it_says(erp: Place, seen: dict[str, str], tmp_path: Path) -> None:
    programs = (Path(sys.executable).parent, Path(erp.cluster.command()[0]).parent)
    variables = {"KUBECONFIG": str(erp.cluster.kubeconfig), "NAMESPACE": erp.namespace, "NAME": erp.name}
    environment = {**os.environ, **variables}
    environment["PATH"] = ":".join([*map(str, programs), os.environ["PATH"]])

    def run(block: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}\n{why(erp)}"
        remember(erp, seen)
        return done.stdout

    schedule, ages, now, emergency, session = commands()
    run(schedule)
    assert json.loads(run(ages))["secret"] == SECOND
    assert "Secret acme-database-app-a-3 takes the place of acme-database-app-b-2" in run(now)
    assert (rotation(erp)["phase"], rotation(erp)["secret"]) == ("Overlapping", "acme-database-app-a-3")
    assert role(erp, "valeo_app_b") == "t|f"
    run(emergency)
    assert (rotation(erp)["phase"], rotation(erp)["secret"]) == ("Idle", "acme-database-app-b-4")
    assert (role(erp, "valeo_app_a"), role(erp, "valeo_app_b")) == ("f|t", "t|f")
    erp.complete()
    before = erp.status["activeRelease"]
    run(session)
    until(lambda: erp.status["activeRelease"] != before, erp.told, 150)
    erp.complete()
    assert list(tmp_path.iterdir()) == []


def keys(erp: Place) -> Manifest:
    told: Manifest = erp.status.get("rotation", {}).get("signingKeys", {})
    return told


def keys_in(erp: Place, secret: str) -> dict[str, str]:
    data = (erp.get("secret", secret) or {}).get("data", {})
    return {name: base64.b64decode(value).decode() for name, value in data.items()}


@pytest.mark.long
def test_the_signing_keys_are_replaced_while_people_sign_in(erp: Place, seen: dict[str, str]) -> None:
    erp.kubectl("patch", "valeoerp", erp.name, "--type=merge", "-p", '{"spec":{"rotation":{"overlap":"1m"}}}')
    before, active = keys_in(erp, "acme-keys"), erp.status["activeRelease"]
    with visitors(url(erp), Newcomer) as came:
        erp.kubectl("annotate", "valeoerp", erp.name, "--overwrite", "valeoerp.io/rotate=keys")
        until(lambda: keys(erp).get("phase") == "Overlapping", lambda: f"{keys(erp)} {erp.told()}", 300)
        after = keys_in(erp, keys(erp)["secret"])
        until(lambda: keys(erp).get("phase") == "Idle", lambda: str(keys(erp)), 150)
        time.sleep(3)
    assert set(came.answers) == {"well"}, came.answers
    assert came.answers["well"] > 20
    assert erp.status["activeRelease"] != active
    assert (after["session"], after["session.1"]) == (before["session.9999"], before["session"])
    assert before["verification"] in {value for name, value in after.items() if name.startswith("verification.")}
    assert keys_in(erp, "acme-keys") == after
    made = {**before, **after}
    seen |= {f"keys {name}": made[name] for name in made if name != "version"}


def test_no_value_stands_in_any_object_log_or_event(erp: Place, seen: dict[str, str]) -> None:
    kinds = "valeoerps,valeoreleases,configmaps,pods,jobs,deployments,statefulsets,services,events,leases"
    shown = erp.kubectl("get", kinds, "-o", "json")
    for pod in erp.all("pod"):
        shown += erp.kubectl("logs", pod["metadata"]["name"], "--tail=-1")
    shown += erp.cluster.kubectl("-n", OPERATOR_NAMESPACE, "logs", "deployment/valeo-operator", "--tail=-1")
    assert len(seen) >= 4
    assert [name for name, value in seen.items() if value in shown] == []
