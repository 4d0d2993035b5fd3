"""What every command gets."""

import argparse
from dataclasses import dataclass

from valeo_operator.plugin.connection import Connection
from valeo_operator.plugin.drawing import Pen


@dataclass(frozen=True)
class Asked:
    """One command: the options, where to ask, and how to write."""

    options: argparse.Namespace
    connection: Connection
    pen: Pen

    @property
    def json(self) -> bool:
        """Whether a script reads it."""
        return bool(self.options.output == "json")
