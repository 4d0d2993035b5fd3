"""The trail: what happened to the gates, in a chain in which every entry holds the hash of the one before. Pure.

It is kept in ConfigMaps, a page each; a full page is immutable. Whoever exports it can verify it: every entry is one
line of JSON, its `hash` is the SHA-256 of the same JSON without `hash`, keys sorted, no spaces.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from valeo_operator.api import GROUP
from valeo_operator.cluster.objects import Object, dig, label, name_of
from valeo_operator.installations.names import INSTANCE_LABEL, Names
from valeo_operator.installations.status import stamp

TRAIL_LABEL: Final = f"{GROUP}/golive-trail"
LINES: Final = "entries.jsonl"
PAGE: Final = 400
_BEGINNING: Final = f"sha256:{'0' * 64}"


@dataclass(frozen=True)
class Happening:
    """Something that happened to a gate or to the whole."""

    event: str
    subject: str
    message: str
    before: str = ""
    after: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Chain:
    """A trail that was read. `broken` says where it does not verify; empty where it does."""

    pages: tuple[Object, ...] = ()
    entries: tuple[dict[str, Any], ...] = ()
    broken: str = ""

    @property
    def head(self) -> str:
        """Hash of the last entry."""
        return str(self.entries[-1]["hash"]) if self.entries else _BEGINNING

    @cached_property
    def latest(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        """The newest entry of each kind about each subject."""
        return {(each["event"], each["subject"]): each for each in self.entries}

    def after(self, event: str, subject: str) -> str:
        """How the newest entry of this kind says that the subject stands; empty where there is none."""
        return str(self.latest.get((event, subject), {}).get("after", ""))


def hash_of(entry: dict[str, Any]) -> str:
    """The hash that an entry must carry."""
    bare = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_chain(config_maps: Iterable[Object], names: Names) -> Chain:
    """The trail of an installation from its pages, in their order."""
    pages = sorted(
        (each for each in config_maps if label(each, TRAIL_LABEL) and label(each, INSTANCE_LABEL) == names.name),
        key=name_of,
    )
    lines = [line for page in pages for line in str(dig(page, "data", LINES) or "").splitlines()]
    entries, broken = verify(lines)
    return Chain(tuple(pages), entries, broken)


def verify(lines: Sequence[str]) -> tuple[tuple[dict[str, Any], ...], str]:
    """The entries of the lines, and where the chain does not hold; empty where it does."""
    entries: list[dict[str, Any]] = []
    previous = _BEGINNING
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None:
            return tuple(entries), f"entry {number} is not an entry"
        if (entry.get("number"), entry.get("previous")) != (number, previous):
            return tuple(entries), f"entry {number} does not follow the one before"
        if entry["hash"] != hash_of(entry):
            return tuple(entries), f"entry {number} was changed"
        entries.append(entry)
        previous = entry["hash"]
    return tuple(entries), ""


def _entry(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    words = ("event", "subject", "hash")
    return found if isinstance(found, dict) and all(isinstance(found.get(word), str) for word in words) else None


def written(chain: Chain, happenings: Sequence[Happening], digest: str, now: datetime) -> list[dict[str, Any]]:
    """The entries for what happened, linked to the end of the chain."""
    entries: list[dict[str, Any]] = []
    previous, number = chain.head, len(chain.entries)
    for each in happenings:
        number += 1
        entry = {
            "number": number,
            "at": stamp(now),
            "event": each.event,
            "subject": each.subject,
            "message": each.message[:1000],
            "before": each.before,
            "after": each.after,
            "evidence": each.evidence,
            "release": digest,
            "previous": previous,
        }
        entry["hash"] = previous = hash_of(entry)
        entries.append(entry)
    return entries


def pages_with(chain: Chain, entries: Sequence[dict[str, Any]], names: Names) -> list[Object]:
    """The pages that must be written so that the entries are in them. A page that is full is closed for ever."""
    pages: list[Object] = []
    number = max(len(chain.pages), 1)
    lines = str(dig(chain.pages[-1], "data", LINES) or "").splitlines() if chain.pages else []
    if chain.pages and chain.pages[-1].get("immutable"):
        number, lines = number + 1, []
    for entry in entries:
        lines.append(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        if len(lines) == PAGE:
            pages.append(_page(names, number, lines, closed=True))
            number, lines = number + 1, []
    if lines and entries:
        pages.append(_page(names, number, lines, closed=False))
    return pages


def _page(names: Names, number: int, lines: Sequence[str], *, closed: bool) -> Object:
    """Owned by nobody: the trail outlives the ValeoERP."""
    return {
        "metadata": {
            "name": f"{names.name}-golive-trail-{number:05}",
            "namespace": names.namespace,
            "labels": {**names.selector, TRAIL_LABEL: "page"},
        },
        "data": {LINES: "".join(f"{line}\n" for line in lines)},
        **({"immutable": True} if closed else {}),
    }
