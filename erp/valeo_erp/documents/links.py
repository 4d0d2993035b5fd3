"""How documents follow each other: line by line, never more than the line before allows. Pure.

What counts against a line is what posted documents took of it, directly or, for an order that was delivered, through
its deliveries. A reversed document took nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from valeo_erp.calculation.units import factor
from valeo_erp.documents.document import Kind, Line, State
from valeo_erp.documents.kinds import KINDS, rules_of
from valeo_erp.kernel.problems import Failure

Key = tuple[UUID, int]
"""A line of a document: its id and the position."""

_PER_CENT = Decimal(100)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What other documents took of a line.

    Attributes:
        quantity: in `unit`.
        net: as they valued it.
    """

    unit: str
    quantity: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line that another one follows, and what was taken of it by documents like the one that follows.

    Attributes:
        number: of the document, None before it was posted.
        tolerance: per cent of its quantity that a delivery may be more.
        parent: the line that it follows itself.
    """

    document_id: UUID
    kind: Kind
    state: State
    number: str | None
    is_reversal: bool
    party_id: UUID
    tolerance: Decimal
    line: Line
    parent: Key | None
    taken: tuple[Taken, ...]

    @property
    def taken_quantity(self) -> Decimal:
        """In the unit of the line."""
        return sum((taken.quantity * _into(taken.unit, self.line.unit) for taken in self.taken), _NOTHING)

    @property
    def taken_net(self) -> Decimal:
        """In the currency of the document."""
        return sum((taken.net for taken in self.taken), Decimal("0.00"))


def open_quantity(source: SourceLine) -> Decimal:
    """What is still to come, in the unit of the line; never less than nothing."""
    return max(_NOTHING, source.line.quantity - source.taken_quantity)


def link_faults(kind: Kind, party_id: UUID, lines: Sequence[Line], sources: Mapping[Key, SourceLine]) -> list[Failure]:
    """Everything that stands against these lines following those.

    Args:
        kind: of the document that follows.
        party_id: its other side.
        lines: of that document.
        sources: the lines that they follow, and the lines that those follow.
    """
    failures = []
    for index, line in enumerate(lines):
        failures += _line_faults(kind, party_id, f"lines.{index}", line, sources)
    for key, source in sources.items():
        following = [line for line in lines if _follows(kind, line, key, sources)]
        if following:
            failures += _excess(kind, source, following)
    return failures


def _line_faults(
    kind: Kind, party_id: UUID, field: str, line: Line, sources: Mapping[Key, SourceLine]
) -> list[Failure]:
    rules = rules_of(kind)
    if line.source_id is None or line.source_position is None:
        if rules.needs_source and not line.freight:
            wanted = _names(rules.follows)
            return [
                Failure("source_missing", f"Every line of a {rules.english} must follow a line of: {wanted}.", field)
            ]
        return []
    source = sources.get((line.source_id, line.source_position))
    if source is None:
        return [Failure("source_unknown", "There is no such line to follow.", f"{field}.source")]
    failures = _source_faults(kind, party_id, f"{field}.source", source)
    if line.quantity == 0 and line.weighing is None:
        message = f"Nothing of position {source.line.position} of {source.number} is open."
        failures.append(Failure("nothing_open", message, f"{field}.quantity"))
    return failures


def _source_faults(kind: Kind, party_id: UUID, field: str, source: SourceLine) -> list[Failure]:
    rules, theirs = rules_of(kind), rules_of(source.kind)
    failures = []
    if source.kind not in rules.follows:
        message = f"A {rules.english} follows: {_names(rules.follows) or 'nothing'}. This is of: {theirs.english}."
        failures.append(Failure("source_kind", message, field))
    if source.state is not State.POSTED or source.is_reversal:
        called = source.number or f"The {theirs.english}"
        state = "a reversal" if source.is_reversal else source.state.value
        failures.append(Failure("source_not_posted", f"{called} is {state}; only what is posted is followed.", field))
    if source.party_id != party_id:
        failures.append(
            Failure("source_party", f"{source.number or 'The source'} is of another party than this.", field)
        )
    return failures


def _follows(kind: Kind, line: Line, key: Key, sources: Mapping[Key, SourceLine]) -> bool:
    """Whether a line uses up that one: it follows it, or follows what followed it, such as its delivery."""
    if line.source_id is None or line.source_position is None:
        return False
    own = (line.source_id, line.source_position)
    if own == key:
        return True
    source = sources.get(own)
    return source is not None and source.parent == key and sources[key].kind in rules_of(kind).follows


def _excess(kind: Kind, source: SourceLine, following: Sequence[Line]) -> list[Failure]:
    rules, unit = rules_of(kind), source.line.unit
    if any(factor(line.unit, unit) is None for line in following):
        return [Failure("unit_mismatch", f"{source.number} is in {unit}.", f"lines.{following[0].position - 1}.unit")]
    now = sum((line.quantity * _into(line.unit, unit) for line in following), _NOTHING)
    field = f"lines.{following[0].position - 1}.quantity"
    failures = []
    if over := _over(source, now, _tolerance(kind, source)):
        message = (
            f"Position {source.line.position} of {source.number} is {_plain(source.line.quantity)} {unit}; "
            f"{_plain(source.taken_quantity)} {unit} of it are taken already, {_plain(now)} {unit} would come now: "
            f"{_plain(over)} {unit} more than {_allowed(kind, source)}."
        )
        failures.append(Failure("more_than_source", message, field))
    net = sum((line.net for line in following), _NOTHING)
    if rules.keeps_amount and source.taken_net + net > source.line.net:
        message = (
            f"Position {source.line.position} of {source.number} is {source.line.net}; {source.taken_net} of it are "
            f"credited already, {net} would come now."
        )
        failures.append(Failure("more_than_amount", message, field.replace("quantity", "unit_price")))
    return failures


def _over(source: SourceLine, now: Decimal, tolerance: Decimal) -> Decimal:
    most = source.line.quantity * (_PER_CENT + tolerance) / _PER_CENT
    return max(_NOTHING, source.taken_quantity + now - most)


def _tolerance(kind: Kind, source: SourceLine) -> Decimal:
    """What is ordered may be delivered, and then billed, a little over; what is delivered is billed as it is."""
    if rules_of(kind).moves_goods:
        return source.tolerance
    moved = any(rules_of(other).moves_goods and source.kind in rules_of(other).follows for other in KINDS)
    return source.tolerance if moved else _NOTHING


def _allowed(kind: Kind, source: SourceLine) -> str:
    tolerance = _tolerance(kind, source)
    return f"the tolerance of {_plain(tolerance)} % allows" if tolerance else "there is"


def _into(unit: str, other: str) -> Decimal:
    return factor(unit, other) or _NOTHING


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _names(kinds: Iterable[Kind]) -> str:
    return " or ".join(sorted(rules_of(kind).english for kind in kinds))


def link_keys(lines: Iterable[Line]) -> list[Key]:
    """The lines that these follow."""
    return [
        (line.source_id, line.source_position)
        for line in lines
        if line.source_id is not None and line.source_position is not None
    ]
