"""Which signing keys come after which. Pure but for the fresh values.

A Secret has for each purpose the key that signs, numbered ones that only verify, and among these the one that signs
next (`session.9999`). So a release knows what the one after it signs, and a rollback loses no sign-in and no paper.
"""

from collections.abc import Callable, Mapping
from typing import Final

PURPOSES: Final = ("session", "verification")
MARK: Final = "mark"
"""What the public versions of Secrets are keyed with. It stays the same when the keys are replaced."""
_COMING: Final = "9999"


def coming(purpose: str) -> str:
    """The entry with the key that signs next and until then only verifies."""
    return f"{purpose}.{_COMING}"


def succession(before: Mapping[str, str], fresh: Callable[[], str], *, emergency: bool) -> dict[str, str]:
    """The keys after these, as the Secret has them, without its version.

    The session key from before goes on to verify until the next rotation, in an emergency not at all. Keys of codes on
    papers verify for ever. The first Secret's session keys count among them: codes were once made with them.

    Args:
        before: the data of the Secret whose keys are succeeded.
        fresh: makes another random value.
        emergency: what was to come may have leaked with it, and is not used.
    """
    made = {MARK: before.get(MARK, before["session"])}
    for purpose in PURPOSES:
        known = None if emergency else before.get(coming(purpose))
        made |= {purpose: known or fresh(), coming(purpose): fresh()}
    if not emergency:
        made["session.1"] = before["session"]
    papers = _of("verification", before)
    if MARK not in before:
        papers = [*_of("session", before), *papers]
    return made | {f"verification.{number}": key for number, key in enumerate(dict.fromkeys(papers), 1)}


def _of(purpose: str, before: Mapping[str, str]) -> list[str]:
    """Every key of a purpose that signs or once signed, the oldest first."""
    numbers = sorted(
        int(number)
        for name in before
        for stem, _, number in [name.partition(".")]
        if stem == purpose and number.isdecimal() and number != _COMING
    )
    now = [before[purpose]] if purpose in before else []
    return [*(before[f"{purpose}.{number}"] for number in numbers), *now]
