"""Where a listener stands: `epoch.xid.id`, a point in the one order of all events of this database. Pure."""

import re
from dataclasses import dataclass
from typing import NamedTuple

_FORM = re.compile(r"([0-9a-z]{1,32})\.([0-9]{1,19})\.([0-9]{1,19})")
_LARGEST = 2**63 - 1


class Position(NamedTuple):
    """A point in the order of events: after every event that is not greater.

    Attributes:
        xid: the transaction that wrote the event.
        id: of the outbox row, 0 for "everything before this transaction".
    """

    xid: int
    id: int


@dataclass(frozen=True)
class Cursor:
    """What a client keeps, and sends as `Last-Event-ID` to go on from there on any replica.

    Attributes:
        epoch: of the database; a restored database has a new one, and its events are not the ones before.
    """

    epoch: str
    position: Position

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position.xid}.{self.position.id}"


def parse_cursor(text: str) -> Cursor | None:
    """The cursor that a client sent, None when it is not one of ours."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    xid, identity = int(found[2]), int(found[3])
    return Cursor(found[1], Position(xid, identity)) if max(xid, identity) <= _LARGEST else None
