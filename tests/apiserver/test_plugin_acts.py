"""`kubectl valeo` acts on a stored ValeoERP, and the documented plain kubectl leaves the very same behind."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.support.api_server import ApiServer, Manifest, Resource, merged, taken
from tests.support.room import Said, fill

from valeo_operator.api import VERSION
from valeo_operator.plugin import completion

HANDBOOK = Path(__file__).parents[2] / "docs/admin/KUBECTL-VALEO.md"
OLD, NEW = "production-1a2b", "production-3c4d"
ACTS = {
    "promote": "AwaitingPromotion",
    "abort": "Staging",
    "retry": "Failed",
    "rollback": "Watching",
    "rotate": "Complete",
    "hold": "Complete",
}


def documented_commands() -> list[str]:
    """The lines of the handbook, each with a command of the plugin and the same with plain kubectl."""
    return [line for line in HANDBOOK.read_text().splitlines() if line.startswith("| `kubectl valeo ")]


@dataclass(frozen=True)
class Room:
    """A namespace with one installation whose status is set by hand: no operator looks at it."""

    server: ApiServer
    group: str
    namespace: str

    @property
    def installations(self) -> Resource:
        return Resource(self.group, VERSION, "valeoerps")

    @property
    def erp(self) -> Manifest:
        """As it is stored."""
        return self.server.read(self.installations, self.namespace, "production")

    def begins(self, phase: str) -> None:
        """The installation in a phase, with nothing asked for."""
        status = {"phase": phase, "activeRelease": OLD, "targetRelease": NEW, "previousRelease": None}
        if phase in {"Watching", "Complete"}:
            status |= {"activeRelease": NEW, "previousRelease": OLD, "activeColour": "green"}
        taken(self.server.patch_status(self.installations, self.namespace, "production", {"status": status}))
        clean = {"metadata": {"annotations": None}, "spec": {"suspend": False}}
        taken(self.server.patch(self.installations, self.namespace, "production", clean))

    def asked(self) -> dict[str, object]:
        """What somebody asked for: annotations, without what differs from time to time, and whether it is held."""
        erp = self.erp
        held = {"suspend": erp["spec"].get("suspend", False)}
        annotations = erp["metadata"].get("annotations", {})
        return held | {key: re.sub(r"[0-9]{8}-[0-9]{6}|NONCE", "#", value) for key, value in annotations.items()}

    def documented(self, command: str) -> None:
        """Do what the handbook gives as plain kubectl for a command."""
        (line,) = [each for each in documented_commands() if each.startswith(f"| `kubectl valeo {command}`")]
        words = re.search(r"\| `kubectl (?P<words>[^`]+)`", line.partition("| ")[2])
        assert words is not None, line
        plain = words["words"].replace("verp NAME", f"valeoerps.{self.group} production").replace("RELEASE", NEW)
        arguments = [each.strip("'") for each in plain.split()]
        self.server.kubectl("-n", self.namespace, *arguments)


@pytest.fixture(scope="module")
def here(api_server: ApiServer, sandbox: str) -> Iterator[Room]:
    """An installation with two releases: blue came before green."""
    name = f"valeo-plugin-{secrets.token_hex(3)}"
    api_server.core.create_namespace({"metadata": {"name": name}})
    fill(api_server, sandbox, name)
    _second_release(api_server, sandbox, name)
    settings: Manifest = {"spec": {"backup": {}, "rotation": {}}}
    taken(api_server.patch(Resource(sandbox, VERSION, "valeoerps"), name, "production", settings))
    yield Room(api_server, sandbox, name)
    api_server.core.delete_namespace(name)


def _second_release(server: ApiServer, group: str, namespace: str) -> None:
    releases = Resource(group, VERSION, "valeoreleases")
    first = server.read(releases, namespace, OLD)
    spec = {**first["spec"], "version": "0.2.0", "image": "valeo-erp:0.2.0", "colour": "green"}
    second = {"apiVersion": first["apiVersion"], "kind": first["kind"], "metadata": {"name": NEW}, "spec": spec}
    taken(server.create(releases, namespace, second))
    ours = {"app.kubernetes.io/instance": "production"}
    config = {"metadata": {"name": f"production-config-{spec['configHash']}", "labels": ours}, "data": {"A": "1"}}
    server.core.create_namespaced_config_map(namespace, config)


@pytest.fixture
def room(here: Room) -> str:
    """Where the plugin is asked."""
    return here.namespace


@pytest.mark.parametrize("act", ACTS)
def test_an_act_and_the_documented_kubectl_leave_the_same_behind(say: Said, here: Room, act: str) -> None:
    here.begins(ACTS[act])
    before = here.asked()
    say(act)
    by_plugin = here.asked()
    here.begins(ACTS[act])
    here.documented({"hold": "hold`, `resume"}.get(act, act))
    assert by_plugin != before
    assert here.asked() == by_plugin


@pytest.mark.parametrize("act", ACTS)
def test_an_act_for_scripts_prints_the_object_as_it_is_stored(say: Said, here: Room, act: str) -> None:
    here.begins(ACTS[act])
    told = json.loads(say(act, "-o", "json"))
    assert told["metadata"]["resourceVersion"] == here.erp["metadata"]["resourceVersion"]
    assert told["kind"] == "ValeoERP"


def test_a_hold_is_ended_by_resume(say: Said, here: Room) -> None:
    here.begins("Staging")
    say("hold")
    assert here.erp["spec"]["suspend"] is True
    assert "is held already" in say("hold", fails=True)
    say("resume")
    assert here.erp["spec"]["suspend"] is False


@pytest.mark.parametrize(
    ("act", "phase", "complaint"),
    [
        ("promote", "Staging", "nothing waits for a promotion"),
        ("abort", "Watching", "go back with kubectl valeo rollback"),
        ("abort", "Complete", "no rollout goes on"),
        ("retry", "Complete", "a rollout is begun anew from"),
        ("resume", "Complete", "is not held"),
    ],
)
def test_an_act_that_would_have_no_effect_is_declined_with_nothing_written(
    say: Said, here: Room, act: str, phase: str, complaint: str
) -> None:
    here.begins(phase)
    before = here.erp["metadata"]["resourceVersion"]
    assert complaint in say(act, fails=True)
    assert here.erp["metadata"]["resourceVersion"] == before


@pytest.mark.parametrize("act", ["rollback", "rotate"])
def test_a_dry_run_of_an_act_tells_the_steps_and_writes_nothing(say: Said, here: Room, act: str) -> None:
    here.begins("Watching")
    before = here.erp["metadata"]["resourceVersion"]
    told = say(act, "--dry-run")
    steps = json.loads(say(act, "--dry-run", "-o", "json"))["steps"]
    assert told.strip().splitlines() == steps
    assert len(steps) > 1
    assert here.erp["metadata"]["resourceVersion"] == before


def test_a_person_without_the_right_is_told_so_and_nothing_is_written(say: Said, here: Room) -> None:
    here.begins("Staging")
    nobody = ("--as", "nobody@example.com")
    assert "cannot list resource" in say("abort", *nobody, fails=True)
    assert here.asked() == {"suspend": False}


WORDS: dict[str, tuple[str, ...]] = {
    "backup": (),
    "restore": ("--latest", "--into", "valeo_copy"),
    "drill": (),
}
KINDS = {"backup": "valeobackups", "restore": "valeorestores", "drill": "valeorestores"}


@pytest.mark.parametrize("command", WORDS)
def test_what_a_data_operation_asks_for_is_what_its_dry_run_prints_for_plain_kubectl(
    say: Said, here: Room, command: str
) -> None:
    here.begins("Complete")
    by_plugin = json.loads(say(command, *WORDS[command], "-o", "json"))
    manifest = yaml.safe_load(say(command, *WORDS[command], "--dry-run"))
    manifest["apiVersion"] = f"{here.group}/{VERSION}"
    printed = here.server.kubectl("-n", here.namespace, "create", "-o", "json", "-f", "-", stdin=json.dumps(manifest))
    assert json.loads(printed)["spec"] == by_plugin["spec"]
    plural = Resource(here.group, VERSION, KINDS[command])
    stored = here.server.read(plural, here.namespace, by_plugin["metadata"]["name"])
    assert stored["spec"] == by_plugin["spec"]
    assert merged(stored["spec"], {})["installation"] == "production"


def test_what_can_not_be_restored_so_is_declined(say: Said, here: Room) -> None:
    here.begins("Complete")
    assert "say where to" in say("restore", "--latest", fails=True)
    assert "say so with --acknowledge-data-loss" in say("restore", "--latest", "--in-place", fails=True)


@pytest.mark.parametrize("command", ["status", "why", "history", "gates"])
def test_nothing_that_is_not_a_terminal_gets_colours(say: Said, here: Room, command: str) -> None:
    here.begins("Failed")
    assert "\x1b" not in say(command)
    assert json.loads(say(command, "-o", "json"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pro"], {"promote"}),
        (["ro"], {"rollback", "rotate"}),
        (["rollback", "--d"], {"--dry-run"}),
        (["gates", "--result", "F"], {"Fail"}),
        (["restore", "--in"], {"--in-place", "--installation", "--into"}),
    ],
)
def test_the_shell_is_told_what_fits(capsys: pytest.CaptureFixture[str], words: list[str], expected: set[str]) -> None:
    completion.main(words)
    *told, directive = capsys.readouterr().out.splitlines()
    assert (set(told), directive) == (expected, ":4")


def test_the_handbook_gives_plain_kubectl_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    completion.main([""])
    *commands, _ = capsys.readouterr().out.splitlines()
    told = {word for line in documented_commands() for word in re.findall(r"[a-z]+", line.split("|")[1])}
    assert set(commands) <= told
