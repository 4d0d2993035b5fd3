"""Where the command `kubectl-valeo` begins: it says what is missing where only the operator was installed."""

import importlib.util
import sys

_NEEDED = ("kubernetes", "yaml")


def main() -> int:
    """Run the plugin."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(f"error: {', '.join(missing)} is missing; install the plugin with: pip install '.[plugin]'\n")
        return 1
    from valeo_operator.plugin.cli import main as run  # noqa: PLC0415 - only where its libraries are

    return run()


def complete() -> int:
    """Run the completion; without its libraries a shell is told nothing."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        return 1
    from valeo_operator.plugin.completion import main as run  # noqa: PLC0415 - as above

    return run()
