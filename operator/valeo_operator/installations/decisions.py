"""What a plan may decide.

Effects (small, idempotent by name) and findings (why something waits), with their reasons.
"""

from dataclasses import dataclass

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Colour
from valeo_operator.cluster.kinds import Kind
from valeo_operator.cluster.objects import Object, name_of


@dataclass(frozen=True)
class Finding:
    """Why something waits.

    Object, observed, expected, next step. `blocking`: it goes on only if somebody changes something.
    """

    reason: Reason
    subject: str
    observed: str
    expected: str
    next_step: str
    blocking: bool = False

    @property
    def sentence(self) -> str:
        """The finding for a person."""
        parts = (f"{self.subject}: {self.observed}", f"Expected: {self.expected}", f"Next step: {self.next_step}")
        return ". ".join(part.rstrip(". ") for part in parts) + "."


@dataclass(frozen=True)
class Remembered(Finding):
    """A finding of an earlier pass, word for word as the status has it."""

    text: str = ""

    @classmethod
    def of(cls, reason: Reason, text: str) -> "Remembered":
        """The finding that was written as this text."""
        return cls(reason, "", "", "", "", blocking=True, text=text)

    @property
    def sentence(self) -> str:
        """The text as it was."""
        return self.text


@dataclass(frozen=True)
class Announcement:
    """One event."""

    warning: bool
    reason: str
    message: str


@dataclass(frozen=True)
class Apply:
    """Bring an object to the wanted form. `drift` tells what somebody else had changed, and is announced."""

    kind: Kind
    wanted: Object
    drift: tuple[str, ...] = ()
    subresource: str = ""


@dataclass(frozen=True)
class Create:
    """Make an object that is never changed afterwards."""

    kind: Kind
    wanted: Object


@dataclass(frozen=True)
class Mint:
    """Make a Secret with fresh values; they exist nowhere else.

    Attributes:
        random_keys: get 64 random hex digits.
        rsa_keys: get a private RSA key as PEM.
    """

    wanted: Object
    random_keys: tuple[str, ...] = ()
    rsa_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class SucceedKeys:
    """Make a Secret with the signing keys that come after those of another one; the values stay in Secrets.

    Attributes:
        before: name of the Secret whose keys are succeeded.
        emergency: nothing that signs from now on was known before.
    """

    wanted: Object
    before: str
    emergency: bool = False


@dataclass(frozen=True)
class Copy:
    """Make a Secret with the content of another one."""

    wanted: Object
    source: str


@dataclass(frozen=True)
class Delete:
    """Delete an object, if it still is the one that was seen."""

    kind: Kind
    namespace: str
    name: str
    uid: str
    why: str


@dataclass(frozen=True)
class SelectColour:
    """Lead the active Service to a colour, if the Service is still as it was seen."""

    service: Object
    colour: Colour
    why: str


Effect = Apply | Create | Mint | SucceedKeys | Copy | Delete | SelectColour


def describe(effect: Effect) -> str:
    """The effect in a few words for the log."""
    match effect:
        case Apply(kind=kind, wanted=wanted, subresource=subresource):
            return f"apply {kind.name}/{name_of(wanted)} {subresource}".rstrip()
        case Create(kind=kind, wanted=wanted):
            return f"create {kind.name}/{name_of(wanted)}"
        case SucceedKeys(wanted=wanted, before=source) | Copy(wanted=wanted, source=source):
            return f"make Secret/{name_of(wanted)} from Secret/{source}"
        case Mint(wanted=wanted):
            return f"mint Secret/{name_of(wanted)}"
        case Delete(kind=kind, name=name, why=why):
            return f"delete {kind.name}/{name}: {why}"
        case SelectColour(colour=colour, why=why):
            return f"select {colour.value}: {why}"
