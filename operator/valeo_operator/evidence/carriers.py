"""The ConfigMap that carries a report into the cluster, and what it claims about it.

docs/admin/EVIDENCE.md shows how to make one. The issuer is true where the admission policy of the chart is installed:
it refuses a carrier whose issuer is not the user who creates it, and every later change.
"""

import base64
import binascii
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from valeo_operator.api import GROUP
from valeo_operator.cluster.objects import Object, annotation, born, dig, label, name_of, uid_of, version_of
from valeo_operator.evidence.digests import is_digest
from valeo_operator.evidence.json_reading import tidy
from valeo_operator.evidence.limits import LIMITS
from valeo_operator.evidence.reading import read_report
from valeo_operator.evidence.summary import Format, RefusedEvidenceError, Summary
from valeo_operator.evidence.times import iso_time

FORMAT_LABEL: Final = f"{GROUP}/evidence"
GATES: Final = f"{GROUP}/gates"
DIGEST: Final = f"{GROUP}/digest"
ISSUER: Final = f"{GROUP}/issuer"
COLLECTED_AT: Final = f"{GROUP}/collected-at"
_FORMATS: Final = {str(each): each for each in Format}


@dataclass(frozen=True)
class Evidence:
    """A report that was read. `collected_at` is the earliest of: what the tool says, what is claimed, its creation.

    `digest` is the image that it is claimed for, `sha256` that of the report itself, `gates` the ids it is meant for.
    """

    carrier: str
    format: Format
    gates: frozenset[str]
    digest: str
    issuer: str
    collected_at: datetime
    sha256: str
    summary: Summary


@dataclass(frozen=True)
class Refusal:
    """A carrier whose report is not taken, and why."""

    carrier: str
    gates: frozenset[str]
    reason: str


def read_carrier(carrier: Object, keys: Mapping[str, str]) -> Evidence:
    """The evidence in a ConfigMap. Raises RefusedEvidenceError with the reason."""
    content = _content(carrier)
    kind = _format(carrier)
    summary = read_report(kind, content, keys)
    return Evidence(
        carrier=name_of(carrier),
        format=kind,
        gates=_gates(carrier),
        digest=_digest(carrier),
        issuer=_claimed(carrier, ISSUER),
        collected_at=_collected_at(carrier, summary),
        sha256=hashlib.sha256(content).hexdigest(),
        summary=summary,
    )


def _claimed(carrier: Object, key: str) -> str:
    value = annotation(carrier, key)
    if not value:
        raise RefusedEvidenceError(f"the annotation {key} is missing")
    return tidy(value)


def _format(carrier: Object) -> Format:
    word = label(carrier, FORMAT_LABEL) or ""
    if word not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise RefusedEvidenceError(f"the label {FORMAT_LABEL} is {tidy(word)!r}; known are {known}")
    return _FORMATS[word]


def _gates(carrier: Object) -> frozenset[str]:
    return frozenset(part.strip() for part in (annotation(carrier, GATES) or "").split(",") if part.strip())


def _digest(carrier: Object) -> str:
    digest = _claimed(carrier, DIGEST)
    if not is_digest(digest):
        raise RefusedEvidenceError(f"the annotation {DIGEST} is {digest!r}, not sha256: and 64 digits")
    return digest


def _collected_at(carrier: Object, summary: Summary) -> datetime:
    """A report is never younger than its carrier, whatever it claims."""
    claimed = _claimed(carrier, COLLECTED_AT)
    try:
        times = [iso_time(claimed), summary.finished, born(carrier)]
    except (ValueError, OverflowError) as wrong:
        raise RefusedEvidenceError(f"the annotation {COLLECTED_AT} is {claimed!r}, not a time") from wrong
    return min(time for time in times if time is not None)


def _content(carrier: Object) -> bytes:
    plain: Mapping[str, Any] = carrier.get("data") or {}
    binary: Mapping[str, Any] = carrier.get("binaryData") or {}
    if len(plain) + len(binary) != 1:
        raise RefusedEvidenceError(f"the carrier must hold exactly one file, it holds {len(plain) + len(binary)}")
    name, value = next(iter({**plain, **binary}.items()))
    content = str(value).encode("utf-8", "surrogatepass") if plain else _decoded(str(value))
    return _unpacked(content) if name.endswith(".gz") else content


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise RefusedEvidenceError("the binary data of the carrier is not base64") from wrong


def _unpacked(packed: bytes) -> bytes:
    """Unpack gzip, but never more than a report may have."""
    try:
        with gzip.open(io.BytesIO(packed)) as stream:
            content = stream.read(LIMITS.size + 1)
    except (OSError, EOFError, zlib.error) as wrong:
        raise RefusedEvidenceError(f"the file can't be unpacked: {tidy(str(wrong))}") from wrong
    if len(content) > LIMITS.size:
        raise RefusedEvidenceError(f"the unpacked report has more than {LIMITS.size} bytes")
    return content


class Shelf:
    """Reads each carrier once: they are immutable. What is gone from the cluster is forgotten."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], Evidence | Refusal] = {}

    def read(self, carriers: Iterable[Object], keys: Mapping[str, str]) -> tuple[Evidence | Refusal, ...]:
        """What the carriers tell, refusals among it, in their order. `keys` must stay the same for one shelf."""
        known = {(uid_of(carrier), version_of(carrier)): carrier for carrier in carriers}
        self._read = {mark: self._read.get(mark) or _read_or_refusal(carrier, keys) for mark, carrier in known.items()}
        return tuple(self._read.values())


def _read_or_refusal(carrier: Object, keys: Mapping[str, str]) -> Evidence | Refusal:
    if dig(carrier, "immutable") is not True:
        return Refusal(name_of(carrier), _gates(carrier), "the carrier is not immutable: set immutable: true")
    try:
        return read_carrier(carrier, keys)
    except RefusedEvidenceError as refused:
        return Refusal(name_of(carrier), _gates(carrier), str(refused))
