"""What every part of a resource has in common: camelCase names, frozen values, rules beside the fields."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

_CAPITALS: Final = frozenset({"url"})


def field_name(name: str) -> str:
    """The name of a field as Kubernetes writes it: `pull_policy` is `pullPolicy`, `public_url` is `publicURL`."""
    first, *rest = name.split("_")
    return first + "".join(part.upper() if part in _CAPITALS else part.capitalize() for part in rest)


class Refusal(StrEnum):
    """How the API server classes a broken rule."""

    INVALID = "FieldValueInvalid"
    REQUIRED = "FieldValueRequired"
    FORBIDDEN = "FieldValueForbidden"


@dataclass(frozen=True)
class Rule:
    """A rule that the API server checks and a schema can't say.

    `message` tells the user what must hold, `cel` is true while it holds, `field` is where the message points
    (a path of Kubernetes names below the model that carries the rule, as `.external.host`).
    """

    message: str
    cel: str
    field: str = ""
    refusal: Refusal = Refusal.INVALID

    def for_crd(self) -> dict[str, str]:
        """The rule as an entry of `x-kubernetes-validations`."""
        path = {"fieldPath": self.field} if self.field else {}
        return {"rule": self.cel, "message": self.message, "reason": self.refusal.value, **path}


def rules(*of_the_value: Rule) -> dict[str, Any]:
    """The JSON schema additions that put rules on a single value."""
    return {"x-kubernetes-validations": [rule.for_crd() for rule in of_the_value]}


class Described(StrEnum):
    """A closed set of words, each with the sentence that explains it in the reference."""

    description: str

    def __new__(cls, value: str, description: str) -> Self:
        """Take the word and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member


class Model(BaseModel):
    """A part of a resource. Unknown fields are ignored: a newer CustomResourceDefinition may know more than we do."""

    RULES: ClassVar[tuple[Rule, ...]] = ()

    model_config = ConfigDict(
        alias_generator=field_name,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        validate_default=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write the model's rules into its schema."""
        written = handler(schema)
        if cls.RULES:
            handler.resolve_ref_schema(written)["x-kubernetes-validations"] = [rule.for_crd() for rule in cls.RULES]
        return written

    def to_object(self) -> dict[str, Any]:
        """The model as the API server takes it: Kubernetes names, JSON values, absent fields left out."""
        return self.model_dump(by_alias=True, mode="json", exclude_none=True)


class ObjectMeta(Model):
    """The part of the metadata of a resource that the operator reads."""

    name: str
    """Name of the resource."""
    namespace: str
    """Namespace of the resource."""
    uid: str = ""
    """Identity given by the API server; another object of the same name has another one."""
    generation: int = 0
    """Counts the changes of the spec."""
    resource_version: str = ""
    """Version of the stored object, for compare-and-set."""
    creation_timestamp: AwareDatetime | None = None
    """When the resource was created."""
    deletion_timestamp: AwareDatetime | None = None
    """When its deletion was asked for; absent while it shall stay."""
    finalizers: tuple[str, ...] = ()
    """Who still has something to do before the resource may go."""
    labels: dict[str, str] = {}
    """Labels of the resource."""
    annotations: dict[str, str] = {}
    """Annotations of the resource."""
