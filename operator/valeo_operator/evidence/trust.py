"""Whom the operator believes: public keys that sign statements, and users who may import evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from valeo_operator.evidence.carriers import Evidence, Refusal
from valeo_operator.evidence.dsse import check_public_key
from valeo_operator.evidence.summary import RefusedEvidenceError

_ENDING: Final = "*.pem"


class WrongKeyError(Exception):
    """A file that was configured as public key is none. The operator does not start: it would check nothing."""


@dataclass(frozen=True)
class Trust:
    """`keys`: PEM by name; none: statements need no signature. `issuers`: users; none: everybody who may import."""

    keys: Mapping[str, str] = field(default_factory=dict)
    issuers: frozenset[str] = frozenset()

    def doubts(self, evidence: Iterable[Evidence | Refusal]) -> dict[str, str]:
        """Why the issuer of a carrier is not believed, by its name; those that are believed are not in it."""
        return {
            each.carrier: f"it was issued by {each.issuer}, who is not trusted with evidence"
            for each in evidence
            if isinstance(each, Evidence) and self.issuers and each.issuer not in self.issuers
        }


def trust(folder: Path | None, issuers: Iterable[str]) -> Trust:
    """What is configured: a folder with keys (`NAME.pem`), and the issuers. Raises WrongKeyError."""
    return Trust(_keys(folder) if folder else {}, frozenset(issuers))


def _keys(folder: Path) -> dict[str, str]:
    found = {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob(_ENDING))}
    if not found:
        raise WrongKeyError(f"{folder} holds no key ({_ENDING})")
    for name, pem in found.items():
        try:
            check_public_key(name, pem)
        except RefusedEvidenceError as wrong:
            raise WrongKeyError(f"{folder}: {wrong}") from wrong
    return found
