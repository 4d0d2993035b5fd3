"""Words that fit next on the command line: `kubectl_complete-valeo`, which kubectl itself calls for the shell.

It prints one candidate a line and at last a directive, as kubectl's own completion does.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from valeo_operator.api.golive import GateKind
from valeo_operator.cluster.kinds import ERPS
from valeo_operator.cluster.objects import name_of
from valeo_operator.golive.catalogue import shipped
from valeo_operator.plugin.cli import parser
from valeo_operator.plugin.connection import Impersonated, PluginError, connect

_NO_FILES: Final = ":4"
_DECISIONS: Final = {"approve": frozenset({GateKind.SIGN_OFF}), "waive": frozenset(GateKind)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what fits."""
    words = list(sys.argv[1:] if arguments is None else arguments) or [""]
    sys.stdout.write("\n".join((*candidates(words), _NO_FILES)) + "\n")
    return 0


def candidates(words: Sequence[str]) -> list[str]:
    """What the last of the words may become."""
    *before, begun = words
    commands = _commands(parser())
    command = next((word for word in before if word in commands), None)
    fitting = commands if command is None else _within(commands[command], command, before, begun)
    return [word for word in sorted(fitting) if word.startswith(begun)]


def _commands(whole: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = next(action for action in whole._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    return dict(found.choices)


def _within(command: argparse.ArgumentParser, name: str, before: Sequence[str], begun: str) -> Iterable[str]:
    options = {word: action for action in command._actions for word in action.option_strings}  # noqa: SLF001
    asked = options.get(before[-1])
    if asked is not None and asked.nargs != 0:
        return map(str, asked.choices or ()) if asked.dest != "installation" else _installations(before)
    if begun.startswith("-"):
        return options
    if name in _DECISIONS:
        return (entry.id for entry in shipped().entries if entry.kind in _DECISIONS[name])
    return _installations(before)


def _installations(before: Sequence[str]) -> Iterable[str]:
    """Names from the cluster; a shell is not told why there are none."""
    try:
        connection = connect(_given(before, "--context"), _given(before, "-n", "--namespace"), Impersonated())
        return [name_of(each) for each in connection.list(ERPS)]
    except PluginError:
        return ()


def _given(before: Sequence[str], *options: str) -> str:
    return next((after for word, after in pairwise(before) if word in options), "")


if __name__ == "__main__":
    sys.exit(main())
