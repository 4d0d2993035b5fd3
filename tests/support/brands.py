"""Believable brandings and logos, and pictures that must not come in."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

from valeo_erp.branding.look import Look

BODY: dict[str, Any] = {
    "letterhead_name": "Hofmann Agrar",
    "register_entry": "Amtsgericht Lüneburg, HRB 12345, Geschäftsführerin: Petra Hofmann",
    "footer_lines": ["Es gelten unsere Verkaufs- und Lieferbedingungen.", "Öko-Kontrollstelle DE-ÖKO-006"],
    "bank_accounts": [
        {"bank_name": "Sparkasse Uelzen", "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"},
        {"bank_name": "Volksbank Uelzen", "iban": "DE02120300000000202051", "bic": "BYLADEM1001"},
    ],
    "colours": {"primary": "#7a1f1f", "tint": "#fbf1f1"},
}
LOOK = Look.model_validate(BODY)
SVG = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn by hand -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 300 100">
  <title>Hofmann</title>
  <defs>
    <style>.leaf { fill: #2c5f3f; stroke: rgb(10, 20, 30) }</style>
    <linearGradient id="stops">
      <stop offset="0" stop-color="#7a1f1f"/><stop offset="1" stop-color="#d08a2a"/>
    </linearGradient>
    <linearGradient id="sun" xlink:href="#stops" gradientTransform="rotate(30)"/>
    <clipPath id="round"><circle cx="50" cy="50" r="45"/></clipPath>
  </defs>
  <g clip-path="url(#round)"><rect width="100" height="100" fill="url(#sun)"/></g>
  <path class="leaf" d="M120 90 C 120 40, 180 20, 290 10 C 260 60, 200 95, 120 90 Z"/>
</svg>
"""


def png(width: int = 300, height: int = 100, mode: str = "RGBA") -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new(mode, (width, height), (122, 31, 31, 255)[: len(mode)]).save(written, "PNG")
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_says(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG whose head says how large it is, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def svg(inside: str = "", attributes: str = 'viewBox="0 0 300 100"', before: str = "") -> bytes:
    """An SVG with something in it."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {names} {attributes}>{inside}</svg>".encode()
