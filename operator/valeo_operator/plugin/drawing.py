"""Trees, tables and sentences as text; colours only where somebody looks."""

import json
import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TextIO

from valeo_operator.plugin.trees import Mood, Node

_MARKS: Final = {Mood.GOOD: "✔", Mood.WAITING: "…", Mood.BAD: "✘", Mood.PLAIN: "·"}
_COLOURS: Final = {Mood.GOOD: "32", Mood.WAITING: "33", Mood.BAD: "31", Mood.PLAIN: "0"}
_WIDTH: Final = 110


@dataclass(frozen=True)
class Pen:
    """Writes for a terminal, or plainly."""

    coloured: bool = False

    @classmethod
    def for_stream(cls, stream: TextIO) -> "Pen":
        """Coloured where a terminal shows it and nobody asked for no colour (no-color.org)."""
        return cls(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")

    def paint(self, text: str, mood: Mood) -> str:
        """The text in the colour of its mood."""
        return f"\x1b[{_COLOURS[mood]}m{text}\x1b[0m" if self.coloured and mood is not Mood.PLAIN else text

    def tree(self, root: Node) -> str:
        """The tree, one line for each node."""
        return "\n".join((self._line(root), *self._below(root, "")))

    def _line(self, node: Node) -> str:
        told = f"{self.paint(_MARKS[node.mood], node.mood)} {node.title}"
        return f"{told}  {node.detail}" if node.detail else told

    def _below(self, node: Node, indent: str) -> Iterable[str]:
        for place, child in enumerate(node.children, start=1):
            last = place == len(node.children)
            yield f"{indent}{'└─ ' if last else '├─ '}{self._line(child)}"
            yield from self._below(child, indent + ("   " if last else "│  "))

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], moods: Iterable[Mood] = ()) -> str:
        """Columns as kubectl prints them. `moods` colours the first column of each row."""
        lines = [tuple(head), *(tuple(row) for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        painted = [Mood.PLAIN, *moods]
        painted += [Mood.PLAIN] * (len(lines) - len(painted))
        return "\n".join(self._row(line, widths, mood) for line, mood in zip(lines, painted, strict=True))

    def _row(self, line: Sequence[str], widths: Sequence[int], mood: Mood) -> str:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        cells[-1] = line[-1]
        return "   ".join([self.paint(cells[0], mood), *cells[1:]]).rstrip()

    def sentences(self, subject: str, told: Mapping[str, str], mood: Mood) -> str:
        """A subject with what is told of it below."""
        wide = max(map(len, told), default=0)
        return "\n".join((self.paint(subject, mood), *(_wrapped(key, wide, value) for key, value in told.items())))


def _wrapped(key: str, wide: int, value: str) -> str:
    indent = " " * (wide + 4)
    lines = textwrap.wrap(value, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"  {key.ljust(wide)}  " + f"\n{indent}".join(lines)


def as_json(value: Any) -> str:
    """JSON for scripts; times in ISO 8601, spans in seconds."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} can't be written as JSON")
