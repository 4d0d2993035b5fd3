"""Checks of the documents that the active release carries: there, complete, and without a promise of later."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from valeo_operator.api.golivechecklist import DocumentWanted
from valeo_operator.golive.facts import Facts
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

FEWEST_WORDS: Final = 120
_HEADING: Final = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_CODE: Final = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_WORD: Final = re.compile(r"\w{2,}")
_PLACEHOLDER: Final = re.compile(
    r"\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon|to be (written|done|defined|completed))\b|_{5,}", re.IGNORECASE
)
_STEP: Final = "Write it in docs/, and bring a release whose image carries it."


def document(facts: Facts, wanted: DocumentWanted) -> Outcome:
    """The document is in the image of the active release, and complete."""
    if isinstance(facts.handbook, str):
        return unknown(f"The documents of the active release are not known: {facts.handbook}.", "Look at /handbook.")
    if wanted.path not in facts.handbook:
        return failed(f"{wanted.path} is not in the image.", _STEP, documents=len(facts.handbook))
    text = facts.documents.get(wanted.path)
    if text is None:
        return unknown(f"{wanted.path} could not be read.", f"Look at /handbook/{wanted.path}.")
    words = len(_WORD.findall(text))
    if found := list(_wrong(text, wanted, facts.handbook)):
        return failed(f"{wanted.path} is not complete: {'; '.join(found[:5])}.", _STEP, words=words, wrong=found[:20])
    headings = _headings(text)
    return passed(f"{wanted.path} has {len(headings)} headings and {words} words.", words=words, headings=headings[:20])


def unnamed(_: Facts) -> Outcome:
    """A checklist that names no document can't be satisfied by one."""
    return unknown("The checklist does not say which document.", "Set document.path in the checklist.")


def _wrong(text: str, wanted: DocumentWanted, handbook: frozenset[str]) -> Iterator[str]:
    prose = _CODE.sub("", text)
    headings = " \n".join(_headings(text)).lower()
    yield from (f"no heading speaks of {word!r}" for word in wanted.headings if word.lower() not in headings)
    if (words := len(_WORD.findall(text))) < FEWEST_WORDS:
        yield f"it has {words} words, fewer than {FEWEST_WORDS}"
    yield from (f"it holds the placeholder {each.group().strip()!r}" for each in _PLACEHOLDER.finditer(prose))
    yield from (f"it leads to {target}, which is not there" for target in _dead_ends(prose, wanted.path, handbook))


def _headings(text: str) -> list[str]:
    return _HEADING.findall(_CODE.sub("", text))


def _dead_ends(prose: str, path: str, handbook: frozenset[str]) -> Iterator[str]:
    """Links to documents beside it that the image does not carry. What is elsewhere is not looked at."""
    for target in _LINK.findall(prose):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path.endswith(".md"):
            continue
        found = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts.path))
        if not found.startswith("..") and found not in handbook:
            yield target
