"""The one byte form of a value that hashes are made over."""

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """The one byte form of a value that hashes are made over: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()
