"""The documents in a folder, read once. What is asked for is looked up by name and never on the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TITLE: Final = "# "


@dataclass(frozen=True)
class Page:
    """One document in Markdown."""

    text: str

    @property
    def title(self) -> str:
        """Its first heading; empty where it has none."""
        lines = (line for line in self.text.splitlines() if line.startswith(_TITLE))
        return next(lines, _TITLE).removeprefix(_TITLE).strip()

    @property
    def sha256(self) -> str:
        """The digest of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def pages_in(folder: Path) -> Mapping[str, Page]:
    """Every `.md` below the folder, by its path in it, as `guides/PRINT.md`; none where the folder is not there."""
    found = sorted(folder.rglob("*.md")) if folder.is_dir() else []
    return {each.relative_to(folder).as_posix(): Page(each.read_text(encoding="utf-8")) for each in found}
