"""The OpenAPI as clients read it: what every refusal looks like, how to sign in, and which scope a route needs."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from valeo_erp.identity.scopes import Scope
from valeo_erp.kernel.answers import ProblemBody
from valeo_erp.ratelimits.allowance import LimitKind

SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An ID token or a JWT access token of the identity provider, made for this service.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "valeo-session",
        "description": "The session of the web page, from `/auth/login`.",
    },
}


def publish(app: FastAPI) -> None:
    """Complete the OpenAPI that FastAPI makes from the routes. Call it when every router is included."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app, make())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI documents


def _completed(app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(problem.pop("$defs"), ProblemBody=problem)
    components["securitySchemes"] = SECURITY_SCHEMES
    for path, method, scopes in _guarded(app):
        operation = schema["paths"].get(path, {}).get(method)
        if operation is not None:
            operation["security"] = [{name: []} for name in SECURITY_SCHEMES]
            operation["x-required-scope"] = scopes
    return schema


def _guarded(app: FastAPI) -> Iterator[tuple[str, str, list[Scope]]]:
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        scopes = sorted(declared_scopes(dependant)) if dependant is not None else []
        if scopes:
            yield from ((route.path or "", method.lower(), scopes) for method in route.methods or ())


def declared_scopes(dependant: Dependant) -> frozenset[Scope]:
    """The scopes that a route and all that it depends on ask for."""
    own = getattr(dependant.call, "required_scope", None)
    return frozenset([own] if own else []).union(*(declared_scopes(inner) for inner in dependant.dependencies))


def declared_limits(dependant: Dependant) -> frozenset[LimitKind]:
    """The limits that a route and all that it depends on count against."""
    own = getattr(dependant.call, "rate_limit", None)
    return frozenset([own] if own else []).union(*(declared_limits(inner) for inner in dependant.dependencies))
