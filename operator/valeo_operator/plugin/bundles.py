"""`kubectl valeo bundle`: write the results of one installation down, signed, and bring them to another."""

import base64
import gzip
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Final

from valeo_operator import __version__
from valeo_operator.cluster.kinds import CONFIG_MAPS
from valeo_operator.cluster.objects import Object, dig, name_of, uid_of
from valeo_operator.evidence.carriers import COLLECTED_AT as COLLECTED
from valeo_operator.evidence.carriers import DIGEST, FORMAT_LABEL, GATES, ISSUER
from valeo_operator.evidence.dsse import WrongPrivateKeyError, sealed
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, Readiness, RefusedEvidenceError
from valeo_operator.golive.bundles import GATE, Results, statement
from valeo_operator.golive.report.gates import in_the_way, rows
from valeo_operator.installations.status import stamp
from valeo_operator.plugin.asked import Asked
from valeo_operator.plugin.connection import PluginError
from valeo_operator.plugin.drawing import as_json
from valeo_operator.plugin.sight import Sight, look

_FILE: Final = "bundle.json.gz"


def bundle(asked: Asked) -> str:
    """Export or import, as asked."""
    return export(asked) if asked.options.action == "export" else bring(asked)


# --- export -----------------------------------------------------------------------------------------------------------


def export(asked: Asked) -> str:
    """Write the signed file, and say what it tells."""
    options = asked.options
    if not options.key:
        raise PluginError("name the private key that signs the results: --key FILE")
    sight = look(asked.connection, options.installation)
    found = results(sight, asked.connection.namespace)
    signed = _sealed(
        statement(found, asked.connection.who_am_i().user, sight.now, __version__), _read(Path(options.key))
    )
    target = Path(options.file or f"{sight.name}-results.json")
    try:
        target.write_text(json.dumps(signed) + "\n", encoding="utf-8")
    except OSError as wrong:
        raise PluginError(f"{target} can't be written: {wrong.strerror}") from wrong
    open_lines = in_the_way(rows(sight.gates, sight.now))
    answer = "Go" if not open_lines else f"NoGo, {len(open_lines)} lines are open"
    return f"{target}: {found.environment} {found.namespace}/{found.name}, {found.digest}: {answer}"


def results(sight: Sight, namespace: str) -> Results:
    """What is written down. PluginError where not everything was seen, or where it does not speak of one thing."""
    if sight.unseen:
        raise PluginError(f"not everything can be read, so nothing is written down: {'; '.join(sight.unseen)}")
    if not sight.gates:
        raise PluginError(f"{sight.name} has no gates: set spec.goLive")
    if sight.trail.broken or not sight.trail.entries:
        raise PluginError(f"the trail of the gates does not verify: {sight.trail.broken or 'it has no entry'}")
    return Results(
        name=sight.name,
        namespace=namespace,
        uid=uid_of(sight.erp),
        environment=str(dig(sight.erp, "spec", "goLive", "environment") or "production"),
        release=str(_one(sight, "release", "status", "release")),
        digest=_one(sight, "image", "status", "digest"),
        checklist_hash=_one(sight, "checklist", "spec", "checklistHash"),
        results={row.gate: row.result.value for row in rows(sight.gates, sight.now)},
        trail_entries=len(sight.trail.entries),
        trail_head=sight.trail.head,
    )


def _one(sight: Sight, what: str, *path: str) -> str:
    """The value that all gates share."""
    found = {str(dig(each, *path) or "") for each in sight.gates}
    if len(found) != 1 or "" in found:
        raise PluginError(f"the gates do not all speak of one {what}; wait for the operator's next look")
    return found.pop()


def _sealed(payload: bytes, key: bytes) -> Object:
    try:
        return sealed(payload, key)
    except WrongPrivateKeyError as wrong:
        raise PluginError(f"the key can't sign: {wrong}") from wrong


# --- import -----------------------------------------------------------------------------------------------------------


def bring(asked: Asked) -> str:
    """Make the ConfigMap by which the results come into this namespace."""
    options = asked.options
    if not options.file:
        raise PluginError("name the file that was exported: --file FILE")
    content = _read(Path(options.file))
    found, digest, issued = _opened(content, options.file)
    sight = look(asked.connection, options.installation)
    made = carrier(sight.name, content, digest, issued, asked.connection.who_am_i().user)
    if options.dry_run:
        made["metadata"]["namespace"] = asked.connection.namespace
        return as_json({"apiVersion": "v1", "kind": "ConfigMap", **made})
    stored = asked.connection.create(CONFIG_MAPS, made)
    told = f"configmap/{name_of(stored)} created: {found.environment} {found.installation}, {digest}"
    wanted = dig(sight.gated_release, "spec", "digest")
    return told if digest == wanted else f"{told}\nIt counts for this image only; {sight.name} asks for {wanted}."


def _opened(content: bytes, file: str) -> tuple[Readiness, str, datetime]:
    """What the file claims. Whether its signature holds is for the operator to say, which holds the keys."""
    try:
        summary = read_report(Format.IN_TOTO, content, {})
    except RefusedEvidenceError as refused:
        raise PluginError(f"{file} is no bundle: {refused}") from refused
    if summary.readiness is None or summary.finished is None or len(summary.subjects) != 1:
        raise PluginError(f"{file} is no bundle: it holds no results of an installation about one image")
    return summary.readiness, next(iter(summary.subjects)), summary.finished


def carrier(installation: str, content: bytes, digest: str, issued: datetime, issuer: str) -> Object:
    """The ConfigMap; its name tells the file, so that a file is brought once."""
    annotations = {GATES: GATE, DIGEST: digest, ISSUER: issuer, COLLECTED: stamp(issued)}
    return {
        "metadata": {
            "name": f"{installation}-results-{hashlib.sha256(content).hexdigest()[:12]}",
            "labels": {FORMAT_LABEL: Format.IN_TOTO.value},
            "annotations": annotations,
        },
        "immutable": True,
        "binaryData": {_FILE: base64.b64encode(gzip.compress(content, mtime=0)).decode()},
    }


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise PluginError(f"{file} can't be read: {wrong.strerror}") from wrong
