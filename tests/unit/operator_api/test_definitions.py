"""The generated definitions: in step with the models, structural, bounded, described."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from valeo_operator.api.definition import KINDS, Kind, definition_of
from valeo_operator.api.generate import definition_files, main, out_of_step, reference_files
from valeo_operator.api.model import Described, Model
from valeo_operator.api.schema import structural_schema

ROOT = Path(__file__).parents[3]


def schema_of(kind: Kind) -> dict[str, Any]:
    schema: dict[str, Any] = definition_of(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def fields(path: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field below the schema, with its path."""
    for name, field in schema.get("properties", {}).items():
        if (path, name) != ("", "metadata"):
            yield f"{path}.{name}", field
            yield from fields(f"{path}.{name}", field)
    if "items" in schema:
        yield from fields(f"{path}[]", schema["items"])


def values(path: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value below the schema that a user or the operator may fill, members of lists and maps included."""
    for where, field in fields(path, schema):
        yield where, field
        for below in ("items", "additionalProperties"):
            if below in field:
                yield f"{where}[]", field[below]


EVERY_FIELD = [(kind.name, path, field) for kind in KINDS for path, field in fields("", schema_of(kind))]
EVERY_VALUE = [(kind.name, path, value) for kind in KINDS for path, value in values("", schema_of(kind))]
KNOWN_WORDS = {frozenset(word.value for word in words) for words in Described.__subclasses__()}


def test_crds_are_in_step_with_the_models() -> None:
    assert out_of_step(ROOT / "crds", definition_files()) == []


def test_the_reference_is_in_step_with_the_models() -> None:
    assert out_of_step(ROOT / "docs" / "reference", reference_files()) == []


def test_crds_holds_nothing_that_was_not_generated() -> None:
    assert {path.name for path in (ROOT / "crds").iterdir()} == set(definition_files())


@pytest.mark.parametrize("field", EVERY_FIELD, ids=lambda field: field[0] + field[1])
def test_every_field_has_a_description_that_is_a_sentence(field: tuple[str, str, dict[str, Any]]) -> None:
    description = field[2].get("description", "")

    assert description[:1].isupper() or description[:1] == "`", description
    assert description.endswith("."), description


@pytest.mark.parametrize("value", EVERY_VALUE, ids=lambda value: value[0] + value[1])
def test_every_value_is_bounded_so_that_rules_stay_cheap(value: tuple[str, str, dict[str, Any]]) -> None:
    schema = value[2]
    free_text = schema.get("type") == "string" and "enum" not in schema and schema.get("format") != "date-time"
    if value[1] in {".apiVersion", ".kind"}:
        return

    assert not free_text or "maxLength" in schema
    assert schema.get("type") != "array" or "maxItems" in schema
    assert "additionalProperties" not in schema or "maxProperties" in schema


@pytest.mark.parametrize("value", [v for v in EVERY_VALUE if "enum" in v[2]], ids=lambda value: value[0] + value[1])
def test_every_enum_is_one_of_our_closed_sets(value: tuple[str, str, dict[str, Any]]) -> None:
    assert frozenset(value[2]["enum"]) in KNOWN_WORDS


@pytest.mark.parametrize("words", Described.__subclasses__(), ids=lambda words: words.__name__)
def test_every_word_is_explained_by_a_sentence(words: type[Described]) -> None:
    assert [word for word in words if not word.description.endswith(".")] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_definition_holds_only_what_a_structural_schema_may(kind: Kind) -> None:
    text = yaml.safe_dump(schema_of(kind))

    assert [word for word in ("$ref", "title:", "allOf", "oneOf", "nullable", "const:") if word in text] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_status_claims_nothing_by_default(kind: Kind) -> None:
    status = schema_of(kind)["properties"].get("status", {})

    assert [path for path, value in values("", status) if "default" in value] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_rule_says_what_must_hold_at_a_field_that_exists(kind: Kind) -> None:
    for path, schema in [("", schema_of(kind)), *values("", schema_of(kind))]:
        known = {below for below, _ in fields("", schema)} | {".metadata.name", ""}
        for rule in schema.get("x-kubernetes-validations", ()):
            assert rule["message"], path
            assert rule.get("fieldPath", "") in known, (path, rule)


def test_alternatives_that_a_structural_schema_can_not_say_are_refused() -> None:
    class Undecided(Model):
        amount: int | str
        """A number or a word."""

    with pytest.raises(ValueError, match="no alternatives"):
        structural_schema(Undecided)


def test_a_value_of_no_known_type_is_refused() -> None:
    class Open(Model):
        anything: Any
        """Whatever."""

    with pytest.raises(ValueError, match="names the type of every value"):
        structural_schema(Open)


def test_generate_writes_what_check_then_finds_in_step(tmp_path: Path) -> None:
    folders = [str(tmp_path / "crds"), str(tmp_path / "reference")]

    assert main(folders) == 0
    assert main([*folders, "--check"]) == 0


def test_check_names_a_file_that_is_not_in_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path)])
    (tmp_path / "valeoerp.io_valeoerps.yaml").write_text("kind: Other\n")

    assert main([str(tmp_path), "--check"]) == 1
    assert "valeoerp.io_valeoerps.yaml is not what the models say" in capsys.readouterr().err


def test_generate_writes_the_crds_alone_when_no_reference_is_asked_for(tmp_path: Path) -> None:
    main([str(tmp_path)])

    assert {path.name for path in tmp_path.iterdir()} == set(definition_files())
