"""The single values that the resources are made of: images, quantities, names, addresses."""

from typing import Annotated, Final

from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from valeo_operator.api.model import Rule, rules

_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUANTITY: Final = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$"
_MORE_THAN_NOTHING: Final = Rule(
    "must be more than zero",
    "!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity('0'))",
)

Quantity = Annotated[
    str,
    BeforeValidator(lambda given: str(given) if isinstance(given, int) else given),
    Field(max_length=32, pattern=_QUANTITY),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "maxLength": 32,
            "pattern": _QUANTITY,
            **rules(_MORE_THAN_NOTHING),
        }
    ),
]
"""An amount as Kubernetes writes it, as `500m`, `2`, `1Gi`. Always text in here, also where the user wrote a number."""

_PART: Final = r"[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
_TAG: Final = r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST: Final = r"@sha256:[0-9a-f]{64}"

Image = Annotated[
    str,
    Field(
        min_length=1,
        max_length=512,
        json_schema_extra=rules(
            Rule(
                "not an image reference: [registry/]name[:tag][@sha256:digest] without spaces, name in small letters",
                f"self.matches('^([a-zA-Z0-9.-]+(:[0-9]+)?/)?{_PART}(/{_PART})*({_TAG})?({_DIGEST})?$')",
            ),
            Rule(
                "name a tag or a digest (as valeo-erp:1.4.0): without one the image would be whatever the node holds",
                f"self.matches('({_TAG}|{_DIGEST})$')",
            ),
            Rule(
                "the tag latest names no release: the same manifest would run different software on different days",
                "!self.endsWith(':latest')",
            ),
        ),
    ),
]
"""A container image with tag or digest."""

ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=rf"^{_LABEL}(\.{_LABEL})*$")]
"""Name of a Kubernetes object."""

SecretKey = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
"""Name of an entry of a Secret."""

Host = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=rf"^{_LABEL}(\.{_LABEL})*$",
        json_schema_extra=rules(
            Rule("a host is a DNS name, not an IP address: an Ingress can't serve one", "!self.matches('^[0-9.]+$')")
        ),
    ),
]
"""A DNS name in lower case, without port, scheme or wildcard."""

ServerAddress = Annotated[
    str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9]([-.:A-Za-z0-9]*[A-Za-z0-9])?$")
]
"""A DNS name or an IP address of a server, without port or scheme."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

NodePort = Annotated[int, Field(ge=30000, le=32767)]
"""A port that every node opens."""

Origin = Annotated[
    str,
    Field(
        max_length=512,
        pattern=r"^https?://([a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$",
        json_schema_extra=rules(
            Rule(
                "the port of an address is at most 65535",
                "!isURL(self) || url(self).getPort() == '' || int(url(self).getPort()) <= 65535",
            )
        ),
    ),
]
"""Scheme, host and port of a web address; no path, no trailing slash."""

ClaimPath = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s.]+(\.[^\s.]+)*$")]
"""Name of a claim of a token; dots lead into nested claims, as `realm_access.roles`."""

DatabaseName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z_][A-Za-z0-9_$-]*$")]
"""Name of a PostgreSQL database."""

ShortText = Annotated[str, Field(max_length=253)]
"""One word or number that is shown."""

Message = Annotated[str, Field(max_length=4096)]
"""Sentences for a person."""

Moment = AwareDatetime
"""A point in time with its zone."""
