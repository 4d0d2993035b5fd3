"""A logo as PNG: its size is read before anything is decoded, then it is written anew without metadata. Pure."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile

from valeo_erp.kernel.problems import Failure

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS_A_SIDE = 2000
_HEAD = struct.Struct(">8sI4sII")


def cleaned_png(content: bytes) -> tuple[bytes, list[Failure]]:
    """The picture, written anew, and everything that stands against it."""
    if len(content) < _HEAD.size:
        return b"", [_damaged()]
    _, length, kind, width, height = _HEAD.unpack_from(content)
    if kind != b"IHDR" or length != 13 or not width or not height:  # noqa: PLR2004 - by the PNG specification
        return b"", [_damaged()]
    if max(width, height) > MOST_PIXELS_A_SIDE:
        words = (
            f"The picture has {width} x {height} pixels; a logo has at most {MOST_PIXELS_A_SIDE} on each side. "
            "Make it smaller."
        )
        return b"", [Failure("logo_too_many_pixels", words, "logo")]
    return _written_anew(content)


def _written_anew(content: bytes) -> tuple[bytes, list[Failure]]:
    try:
        with _strictly(), Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            if getattr(picture, "n_frames", 1) > 1:
                return b"", [Failure("logo_animated", "The picture moves; paper does not. Save one frame.", "logo")]
            clear = "A" in picture.getbands() or "transparency" in picture.info
            plain = picture.convert("RGBA" if clear else "RGB")
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError):  # what Pillow raises
        return b"", [_damaged()]
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, "PNG", optimize=False)
    return written.getvalue(), []


@contextmanager
def _strictly() -> Iterator[None]:
    """Half a picture is none, also in a process where WeasyPrint told Pillow to take it."""
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _damaged() -> Failure:
    return Failure("logo_damaged", "The file begins like a PNG but can not be read as one. Export it again.", "logo")
