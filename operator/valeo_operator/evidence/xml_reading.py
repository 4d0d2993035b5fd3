"""XML from strangers: no entities, nothing fetched, bounded; elements with attributes, texts left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from valeo_operator.evidence.json_reading import tidy
from valeo_operator.evidence.limits import LIMITS, Limits
from valeo_operator.evidence.summary import RefusedEvidenceError

_LARGEST: Final = 10**15


@dataclass(frozen=True)
class Element:
    """One element. `attributes` are as they stand; use the readers below for numbers."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)

    def all(self, *names: str) -> Iterator["Element"]:
        """The elements with these names anywhere below, and this one itself."""
        if self.name in names:
            yield self
        for child in self.children:
            yield from child.all(*names)

    def has(self, name: str) -> bool:
        """Whether a direct child has this name."""
        return any(child.name == name for child in self.children)

    def text(self, attribute: str) -> str:
        """An attribute, empty where there is none."""
        return tidy(self.attributes.get(attribute, ""))

    def count(self, attribute: str) -> int | None:
        """An attribute as a whole number from 0 on; None where there is none."""
        written = self.attributes.get(attribute, "").strip()
        if not written:
            return None
        if not (written.isascii() and written.isdigit() and len(written) <= len(str(_LARGEST))):
            raise RefusedEvidenceError(f'<{self.name} {attribute}="{tidy(written)}">: expected a whole number')
        return int(written)


class _Builder:
    """Builds the tree from expat's calls and stops at the first thing that is not allowed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: list[Element] = []
        self._seen = 0
        self.root: Element | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._seen += 1 + len(attributes)
        if self._seen > self._limits.items:
            raise RefusedEvidenceError(f"the report holds more than {self._limits.items} elements and attributes")
        if len(self._open) >= self._limits.depth:
            raise RefusedEvidenceError(f"the report nests deeper than {self._limits.depth}")
        element = Element(name.rpartition("}")[2], attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    @staticmethod
    def doctype(_name: str, _system: str | None, _public: str | None, internal_subset: int) -> None:
        if internal_subset:
            raise RefusedEvidenceError("the report brings a document type of its own")

    @staticmethod
    def refuse_entity(*_: Any) -> None:
        raise RefusedEvidenceError("the report declares an entity")

    @staticmethod
    def skip_external(*_: Any) -> int:
        raise RefusedEvidenceError("the report refers to something outside of it")


def read_xml(content: bytes, limits: Limits = LIMITS) -> Element:
    """The root element. Raises RefusedEvidenceError with the reason where it is not plain, bounded XML."""
    if len(content) > limits.size:
        raise RefusedEvidenceError(f"the report has {len(content)} bytes, more than {limits.size}")
    builder = _Builder(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.refuse_entity
    parser.ExternalEntityRefHandler = builder.skip_external
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as wrong:
        raise RefusedEvidenceError(f"the report is not XML: {tidy(str(wrong))}") from wrong
    if builder.root is None:
        raise RefusedEvidenceError("the report is empty")
    return builder.root
