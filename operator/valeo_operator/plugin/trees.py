"""A tree of what there is, each node with how it stands. Pure; drawn by `drawing`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Mood(StrEnum):
    """How something stands."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True)
class Node:
    """One thing, what is known of it, and what belongs to it."""

    title: str
    detail: str = ""
    mood: Mood = Mood.PLAIN
    children: tuple["Node", ...] = ()

    def to_object(self) -> dict[str, Any]:
        """For `--output json`."""
        return {
            "title": self.title,
            "detail": self.detail,
            "mood": self.mood.value,
            "children": [child.to_object() for child in self.children],
        }
