"""The chain over the audit trail: what is hashed, and what is wrong with a link. Pure.

A link holds a hash over the one before and over its entry. What may be personal goes in by a salted digest of its own,
so that it can be erased for good (the salt goes with it), while every link still proves all the rest.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from valeo_erp.kernel.canonical import canonical_json

GENESIS = bytes(32)
"""What the first link of a tenant builds on."""

PERSONAL = ("actor", "actor_name", "reason", "before", "after")
LASTING = ("tenant_id", "id", "at", "action", "object_kind", "object_id", "outcome", "correlation_id")


@dataclass(frozen=True, slots=True)
class Link:
    """One sealed entry.

    Attributes:
        sequence: 1, 2, … within a tenant.
        salt: None once the personal part is erased.
        personal_digest: of salt and personal part.
        hash: of the link before, the lasting part and `personal_digest`.
    """

    sequence: int
    entry_id: UUID
    salt: bytes | None
    personal_digest: bytes
    hash: bytes


def personal_digest(entry: Mapping[str, Any], salt: bytes) -> bytes:
    """sha-256 of the salt and what may be personal in an entry; `before` and `after` as the database writes them."""
    return hashlib.sha256(salt + canonical_json([entry[name] for name in PERSONAL])).digest()


def link_hash(previous: bytes, entry: Mapping[str, Any], digest: bytes) -> bytes:
    """sha-256 of the link before and an entry."""
    lasting = [_text(entry[name]) for name in LASTING]
    return hashlib.sha256(previous + canonical_json([*lasting, digest.hex()])).digest()


def sealed(sequence: int, previous: bytes, entry: Mapping[str, Any], salt: bytes) -> Link:
    """The next link."""
    digest = personal_digest(entry, salt)
    return Link(sequence, entry["id"], salt, digest, link_hash(previous, entry, digest))


def fault(link: Link, expected_sequence: int, previous: bytes, entry: Mapping[str, Any] | None) -> str | None:
    """What is wrong with a link or its entry, in words; None if nothing is."""
    if link.sequence != expected_sequence:
        return f"Link {expected_sequence} is missing; the next one there is {link.sequence}."
    if entry is None:
        return "The entry was removed."
    if link.salt is not None and personal_digest(entry, link.salt) != link.personal_digest:
        return "Actor, reason or values of the entry were changed."
    if link.salt is None and any(entry[name] is not None for name in ("before", "after")):
        return "The entry has values although its personal part was erased."
    if link_hash(previous, entry, link.personal_digest) != link.hash:
        return "The entry, or the link before it, was changed."
    return None


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
