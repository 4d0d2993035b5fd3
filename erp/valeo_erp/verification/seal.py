"""The keyed hash on issued papers. Pure but for the keys, which are read at each use."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

_PURPOSE = b"valeo-erp verify 1\n"
"""Keeps the hashes of papers apart from everything else that is made with the same key."""
_BYTES = 16  # 128 bits: 22 characters in the code, and nobody guesses them


@dataclass(frozen=True, slots=True)
class Paper:
    """What the keyed hash is bound to: what stands on the paper, and whose it is."""

    tenant_id: UUID
    document_id: UUID
    number: str
    document_date: date
    gross_total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes and checks the codes of one installation.

    Attributes:
        keys: reads the installation's keys: the first one makes codes, all of them know those that were made.
        public_url: where the page is that checks.
    """

    keys: Callable[[], Sequence[bytes]]
    public_url: str

    def address(self, paper: Paper) -> str:
        """What the QR code on the paper says."""
        return f"{self.public_url.rstrip('/')}/verify/{paper.document_id}?code={self.code(paper)}"

    def code(self, paper: Paper) -> str:
        """The keyed hash, in 22 characters that an address takes as they are."""
        return self._code(paper, self.keys()[0])

    def genuine(self, paper: Paper, code: str) -> bool:
        """Whether the code is that of the paper; takes as long for a wrong one as for the right one."""
        told = code.encode("utf-8", "replace")
        matches = [hmac.compare_digest(self._code(paper, key).encode(), told) for key in self.keys()]
        return any(matches)

    @staticmethod
    def _code(paper: Paper, key: bytes) -> str:
        content = (
            paper.tenant_id,
            paper.document_id,
            paper.number,
            paper.document_date.isoformat(),
            f"{paper.gross_total:.2f}",
            paper.currency,
        )
        told = _PURPOSE + "\n".join(map(str, content)).encode()
        digest = hmac.digest(key, told, hashlib.sha256)[:_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
