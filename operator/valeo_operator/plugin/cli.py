"""The command line `kubectl valeo`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import yaml

from valeo_operator import __version__
from valeo_operator.api import GROUP
from valeo_operator.api.golive import Decision, Result, Severity, Stage
from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object, name_of
from valeo_operator.golive.catalogue import WAIVERS
from valeo_operator.golive.kinds import APPROVALS
from valeo_operator.golive.kinds import WAIVERS as WAIVER_KIND
from valeo_operator.golive.report.gates import rows, totals
from valeo_operator.golive.report.words import Language
from valeo_operator.plugin.acts import add_acts
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.bundles import bundle
from valeo_operator.plugin.checklists import checklist_of
from valeo_operator.plugin.connection import Impersonated, Person, PluginError, connect
from valeo_operator.plugin.data_operations import add_commands
from valeo_operator.plugin.drawing import Pen, as_json
from valeo_operator.plugin.gates import Wanted
from valeo_operator.plugin.history import Deployment, history
from valeo_operator.plugin.reporting import report, verified_file
from valeo_operator.plugin.rotation import add_rotation
from valeo_operator.plugin.sight import look
from valeo_operator.plugin.signing import any_matter, approval, ends, groups_for, matter, role_of, waiver
from valeo_operator.plugin.status import tree
from valeo_operator.plugin.trees import Mood
from valeo_operator.plugin.why import Because, why

_MOODS: Final = {
    Result.PASS: Mood.GOOD,
    Result.WAIVED: Mood.WAITING,
    Result.FAIL: Mood.BAD,
    Result.UNKNOWN: Mood.WAITING,
    Result.STALE: Mood.WAITING,
    Result.PENDING: Mood.WAITING,
    Result.NOT_APPLICABLE: Mood.PLAIN,
}


_OF_ONE_INSTALLATION: Final = frozenset(
    {"status", "why", "history", "gates", "promote", "abort", "retry", "rollback", "hold", "resume"}
)


def main(arguments: Sequence[str] | None = None, *, group: str = GROUP) -> int:
    """Run one command and give its exit status: 0 it was done, 1 it was not."""
    options = parser().parse_args(arguments)
    run: Callable[[Asked], str] = options.run
    try:
        told = _verified(options) if getattr(options, "verify", "") else run(_asked(options, group))
    except PluginError as refused:
        sys.stderr.write(f"error: {refused}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _asked(options: argparse.Namespace, group: str) -> Asked:
    acting_as = Impersonated(options.acting_as, tuple(options.acting_as_group))
    connection = connect(options.context, options.namespace, acting_as, group)
    return Asked(options, connection, Pen.for_stream(sys.stdout))


def _verified(options: argparse.Namespace) -> str:
    """A file is verified without a cluster."""
    return verified_file(Path(options.verify), options.digest)


# --- looking ----------------------------------------------------------------------------------------------------------


def _status(asked: Asked) -> str:
    root = tree(look(asked.connection, asked.options.installation))
    return as_json(root.to_object()) if asked.json else asked.pen.tree(root)


def _why(asked: Asked) -> str:
    sight = look(asked.connection, asked.options.installation)
    found = why(sight)
    if asked.json:
        return as_json([asdict(each) for each in found])
    if not found:
        return f"ValeoERP/{sight.name} waits for nothing."
    return "\n\n".join(_because(each, asked.pen) for each in found)


def _because(each: Because, pen: Pen) -> str:
    told = {"observed": each.observed, "expected": each.expected, "next step": each.next_step}
    told = {key: value for key, value in told.items() if value}
    return pen.sentences(each.subject, told, Mood.BAD if each.urgent else Mood.WAITING)


def _history(asked: Asked) -> str:
    found = history(look(asked.connection, asked.options.installation))
    if asked.json:
        return as_json([asdict(each) for each in found])
    head = ("RELEASE", "VERSION", "PHASE", "COLOUR", "SCHEMA", "REQUESTED BY", "BEGAN", "TOOK", "DIGEST")
    moods = [Mood.GOOD if each.active else Mood.PLAIN for each in found]
    return asked.pen.table(head, map(_deployment, found), moods)


def _deployment(each: Deployment) -> tuple[str, ...]:
    began = f"{each.began:%Y-%m-%d %H:%M:%S}" if each.began else ""
    took = f"{each.took.total_seconds():.0f}s" if each.took else ""
    name = f"{each.release} (active)" if each.active else each.release
    return (
        name,
        each.version,
        each.phase,
        each.colour,
        each.schema,
        each.requested_by,
        began,
        took,
        each.digest,
    )


def _gates(asked: Asked) -> str:
    options = asked.options
    sight = look(asked.connection, options.installation)
    wanted = Wanted(options.result, options.phase, options.section, options.severity)
    found = [row for row in rows(sight.gates, sight.now) if row in wanted]
    counted = totals(found)
    if asked.json:
        told = {result.value: number for result, number in counted.items()}
        return as_json({"totals": told, "gates": [asdict(row) for row in found]})
    if not found:
        return f"ValeoERP/{sight.name} has no such gate."
    wide = options.output == "wide"
    head = ("RESULT", "GATE", "KIND", "SEVERITY", "MESSAGE", *(("NEXT STEP",) if wide else ()))
    lines = [
        (row.result.value, row.gate, row.kind, row.severity, row.message, *((row.next_step,) if wide else ()))
        for row in found
    ]
    summed = ", ".join(f"{number} {result.value}" for result, number in counted.items() if number)
    return f"{asked.pen.table(head, lines, [_MOODS[row.result] for row in found])}\n\n{len(found)} gates: {summed}"


# --- deciding ---------------------------------------------------------------------------------------------------------


def _approve(asked: Asked) -> str:
    options = asked.options
    sight = look(asked.connection, options.installation)
    about = matter(sight, options.gate, options.digest)
    checklist = checklist_of(sight, asked.connection)
    role = role_of(options.gate, checklist, options.role)
    person = asked.connection.who_am_i()
    signer = Person(person.user, groups_for(person, role, checklist))
    decision = Decision.REJECT if options.reject else Decision.APPROVE
    until = ends(sight.now, options.expires) if options.expires else ""
    return _signed(asked, APPROVALS, approval(about, decision, role, signer, comment=options.comment, expires_at=until))


def _waive(asked: Asked) -> str:
    options = asked.options
    if bool(options.gate) == options.break_glass:
        raise PluginError("name a gate, or use --break-glass; not both")
    sight = look(asked.connection, options.installation)
    about = any_matter(sight, options.digest) if options.break_glass else matter(sight, options.gate, options.digest)
    person = asked.connection.who_am_i()
    signer = Person(person.user, groups_for(person, WAIVERS, checklist_of(sight, asked.connection)))
    until = ends(sight.now, options.expires or ("4h" if options.break_glass else "7d"))
    return _signed(
        asked, WAIVER_KIND, waiver(about, signer, reason=options.reason, instead=options.instead, expires_at=until)
    )


def _signed(asked: Asked, kind: Kind, wanted: Object) -> str:
    if asked.options.dry_run:
        manifest = {"apiVersion": kind.api_version, "kind": kind.name, **wanted}
        manifest["metadata"] = {**wanted["metadata"], "namespace": asked.connection.namespace}
        return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True).rstrip()
    made = asked.connection.create(kind, wanted)
    return as_json(made) if asked.json else f"{kind.resource}/{name_of(made)} created"


# --- the words of the command line ------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """All commands and options; the shell completion reads them here too."""
    made = argparse.ArgumentParser("kubectl valeo", description="Ask and decide about installations of ValeoERP.")
    made.add_argument("--version", action="version", version=__version__)
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")
    _command(commands, "status", "the installation as a tree: releases, colours, pods, database, conditions", _status)
    _command(commands, "why", "what the installation waits for, in full sentences", _why)
    _command(commands, "history", "the releases of the installation", _history)
    _add_gates(commands)
    _add_approve(commands)
    _add_waive(commands)
    _add_report(commands)
    _add_bundle(commands)
    add_commands(commands, _command)
    add_acts(commands, _command)
    add_rotation(commands, _command)
    return made


def _command(
    commands: Any, name: str, what: str, run: Callable[[Asked], str], outputs: tuple[str, ...] = ("text", "json")
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what.capitalize() + ".")
    made.add_argument("-n", "--namespace", default="", help="namespace of the installation")
    made.add_argument("--context", default="", help="context of the kubeconfig")
    made.add_argument("--as", dest="acting_as", default="", help="user to act as")
    made.add_argument("--as-group", dest="acting_as_group", action="append", default=[], help="group to act as")
    made.add_argument("-o", "--output", default="text", choices=outputs, help="how it is written")
    made.set_defaults(run=run)
    if name in _OF_ONE_INSTALLATION:
        made.add_argument("installation", nargs="?", default="", help="ValeoERP; the only one where it is left out")
    else:
        made.add_argument("-i", "--installation", default="", help="ValeoERP; the only one where it is left out")
    return made


def _add_gates(commands: Any) -> None:
    made = _command(commands, "gates", "the go-live gates as they stand now", _gates, ("text", "wide", "json"))
    made.add_argument("--result", default="", choices=[each.value for each in Result], metavar="RESULT")
    made.add_argument("--phase", default="", choices=[each.value for each in Stage], metavar="PHASE")
    made.add_argument("--severity", default="", choices=[each.value for each in Severity], metavar="SEVERITY")
    made.add_argument("--section", default="", help="heading of the checklist")


def _add_approve(commands: Any) -> None:
    made = _command(commands, "approve", "sign a gate for the release, in your own name", _approve)
    made.add_argument("gate", help="gate that is signed")
    made.add_argument("--reject", action="store_true", help="reject instead; final for this release")
    made.add_argument("--comment", default="", help="why, in your own words")
    made.add_argument("--role", default="", help="role in which you sign; the one that the checklist names")
    made.add_argument("--expires", default="", help="when it ends, as 12h or 7d; as the checklist says")
    _decided(made)


def _add_waive(commands: Any) -> None:
    made = _command(commands, "waive", "take the responsibility for an open gate, for a while", _waive)
    made.add_argument("gate", nargs="?", default="", help="gate that is waived")
    made.add_argument("--break-glass", action="store_true", help="an emergency: all gates, for four hours at most")
    made.add_argument("--reason", required=True, help="why the gate can't be passed now")
    made.add_argument("--instead", required=True, help="what is done instead, until it passes")
    made.add_argument("--expires", default="", help="when it ends, as 12h or 7d (7d)")
    _decided(made)


def _add_report(commands: Any) -> None:
    made = _command(commands, "report", "write the go-live report, or verify one", report, ("text",))
    made.add_argument("-f", "--file", default="", help="file to write: .html, .pdf or .json (NAME-go-live.html)")
    made.add_argument("--language", default=Language.ENGLISH.value, choices=[each.value for each in Language])
    made.add_argument("--verify", default="", metavar="FILE", help="verify a report; no cluster is needed")
    made.add_argument("--digest", default="", help="digest that the verified report must have")


def _add_bundle(commands: Any) -> None:
    what = "write the results of this installation down, signed, or bring those of another one"
    made = _command(commands, "bundle", what, bundle, ("text",))
    made.add_argument("action", choices=("export", "import"), help="write down, or bring")
    made.add_argument("-f", "--file", default="", help="file that is written (NAME-results.json), or brought")
    made.add_argument("--key", default="", metavar="FILE", help="private key in PEM that signs (export)")
    made.add_argument("--dry-run", action="store_true", help="print the object that is brought, do nothing (import)")


def _decided(made: argparse.ArgumentParser) -> None:
    made.add_argument("--digest", default="", help="image that is decided about; the one that the gate was seen for")
    made.add_argument("--dry-run", action="store_true", help="print the object for kubectl create -f -, do nothing")


if __name__ == "__main__":
    sys.exit(main())
