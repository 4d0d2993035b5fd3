"""Writes the CustomResourceDefinitions and the reference pages from the models.

`python -m valeo_operator.api.generate crds docs/reference`; with `--check` it writes nothing and fails when a file is
not what the models say.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from valeo_operator.api.definition import KINDS, definition_of
from valeo_operator.api.reference import kind_page, reasons_page
from valeo_operator.golive.page import catalogue_page
from valeo_operator.releases.picture import rollout_page

_HEADER = "# Generated from the models by `python -m valeo_operator.api.generate`. Do not edit.\n"


class _Plain(yaml.SafeDumper):
    """YAML without anchors: each part of a definition is read alone."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """Write every value out where it stands."""
        return True


def definition_files() -> dict[str, str]:
    """Name and text of every file below crds/."""
    return {kind.file_name: _HEADER + as_yaml(definition_of(kind)) for kind in KINDS}


def reference_files() -> dict[str, str]:
    """Name and text of every generated page of the reference."""
    pages = {f"{kind.name.lower()}.md": kind_page(kind) for kind in KINDS}
    return {**pages, "reasons.md": reasons_page(), "golive-gates.md": catalogue_page(), "rollout.md": rollout_page()}


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML, keys in the order given."""
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, width=118, allow_unicode=True)


def out_of_step(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """The files that are missing in the folder or hold something else."""
    paths = {folder / name: text for name, text in files.items()}
    return [path for path, text in paths.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files into the folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or check, the generated files. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m valeo_operator.api.generate", description=__doc__)
    parser.add_argument("crds", type=Path, help="folder of the CustomResourceDefinitions")
    parser.add_argument("reference", type=Path, nargs="?", help="folder of the reference pages")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not in step")
    asked = parser.parse_args(arguments)
    wanted = [(asked.crds, definition_files())]
    if asked.reference:
        wanted.append((asked.reference, reference_files()))
    if not asked.check:
        for folder, files in wanted:
            write(folder, files)
        return 0
    stale = [path for folder, files in wanted for path in out_of_step(folder, files)]
    for path in stale:
        sys.stderr.write(f"{path} is not what the models say; run: make generate\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
