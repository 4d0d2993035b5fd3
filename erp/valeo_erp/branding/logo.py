"""A logo that came in: what it is by its bytes, and whether it may be printed. Pure."""

from dataclasses import dataclass

from valeo_erp.branding.png import SIGNATURE, cleaned_png
from valeo_erp.branding.svg import cleaned_svg
from valeo_erp.kernel.problems import Failure, invalid

MOST_BYTES = 512_000
_PNG, _SVG = "image/png", "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that may be printed.

    Attributes:
        media_type: by its content, whatever the sender called it.
        content: written anew by this program, without comments and metadata.
    """

    media_type: str
    content: bytes


def accepted_logo(content: bytes) -> Logo:
    """The logo of some bytes.

    Raises:
        Problem: 422 with everything that stands against it.
    """
    if len(content) > MOST_BYTES:
        words = f"The file has {len(content)} bytes; a logo has at most {MOST_BYTES}. Make the picture smaller."
        raise refused_logo([Failure("logo_too_large", words, "logo")])
    is_png = content.startswith(SIGNATURE)
    if not is_png and not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        words = "By its content the file is neither PNG nor SVG."
        raise refused_logo([Failure("logo_type", words, "logo")])
    cleaned, failures = cleaned_png(content) if is_png else cleaned_svg(content)
    if failures:
        raise refused_logo(failures)
    return Logo(_PNG if is_png else _SVG, cleaned)


def refused_logo(failures: list[Failure]) -> Exception:
    """The refusal of a logo."""
    return invalid("faulty_logo", "The logo was not kept; see the failures.", failures)
