"""Digests of images as the reports name them."""

import re
from collections.abc import Iterator
from typing import Final

from valeo_operator.evidence.json_reading import Part

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Whether the whole text is a SHA-256 digest."""
    return DIGEST.fullmatch(text) is not None


def digests_in(*parts: Part) -> frozenset[str]:
    """Every digest in the texts, and in the lists of texts, that are there: `sha256:…` or `name@sha256:…`."""
    return frozenset(digest for part in parts for digest in _digests(part))


def _digests(part: Part) -> Iterator[str]:
    if part.is_list:
        for item in part.items():
            yield from _digests(item)
    elif part.there:
        digest = part.text().rpartition("@")[2]
        if is_digest(digest):
            yield digest
