"""Checks of what the ERP answers through its active Service."""

from collections.abc import Iterator
from typing import Any, Final

from valeo_operator.golive.facts import Facts, Reply
from valeo_operator.golive.outcome import Outcome, failed, passed, unknown

OPENAPI: Final = "/openapi.json"
PATHS: Final = ("/healthz", "/readyz", "/metrics", "/docs", OPENAPI)
_OK: Final = 200
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_LOOK: Final = "Look at the pods of the active colour and their logs."


def _no_answer(path: str, reply: Reply) -> Outcome | None:
    if reply.problem:
        return unknown(f"{path} could not be asked through the Service: {reply.problem}.", _LOOK)
    return None


def _not_ok(path: str, reply: Reply) -> Outcome | None:
    if silent := _no_answer(path, reply):
        return silent
    if reply.status != _OK:
        return failed(f"{path} answers {reply.status}.", _LOOK, path=path, status=reply.status)
    return None


def healthz(facts: Facts) -> Outcome:
    """The process is alive."""
    reply = facts.reply("/healthz")
    return _not_ok("/healthz", reply) or passed("/healthz answers 200.", path="/healthz", status=_OK)


def readyz(facts: Facts) -> Outcome:
    """Ready, and it is the release that is meant to be active."""
    reply = facts.reply("/readyz")
    if bad := _not_ok("/readyz", reply):
        return bad
    told = _object(reply)
    seen = {"status": reply.status, "ready": told.get("ready"), "release": told.get("release")}
    if told.get("ready") is not True:
        return failed("/readyz answers 200 and does not say that it is ready.", _LOOK, **seen)
    if told.get("release") != facts.erp.status.active_release:
        message = f"/readyz is answered by another release than {facts.erp.status.active_release}."
        return failed(message, "Wait for the end of the rollout.", **seen)
    return passed(f"/readyz answers 200 from the release {told['release']}.", **seen)


def _checks(facts: Facts) -> dict[str, Any] | Outcome:
    """What /readyz says in detail; it says so also when it is not ready."""
    reply = facts.reply("/readyz")
    if silent := _no_answer("/readyz", reply):
        return silent
    checks = _object(reply).get("checks")
    if not isinstance(checks, dict):
        return unknown(f"/readyz answers {reply.status} and does not say what it looked at.", _LOOK)
    return checks


def database_answers(facts: Facts) -> Outcome:
    """The ERP reached its database."""
    checks = _checks(facts)
    if isinstance(checks, Outcome):
        return checks
    if checks.get("database") == "ok":
        release = _object(facts.reply("/readyz")).get("release")
        return passed("The ERP reports that its database answers.", database="ok", release=release)
    return failed("The ERP reports that its database does not answer.", "Look at the database.", database="not ok")


def schema_at_head(facts: Facts) -> Outcome:
    """Every migration of the active release was applied: the ERP compares with its own code."""
    checks = _checks(facts)
    if isinstance(checks, Outcome):
        return checks
    revision = _object(facts.reply("/readyz")).get("schema_revision")
    if checks.get("schema") == "ok" and revision:
        return passed(f"The schema is at {revision}, which the release needs.", revision=revision)
    return failed(f"The schema is at {revision}, and the release needs another.", "Roll out anew.", revision=revision)


def metrics(facts: Facts) -> Outcome:
    """Numbers of the ERP itself."""
    reply = facts.reply("/metrics")
    if bad := _not_ok("/metrics", reply):
        return bad
    own = sum(line.startswith("valeo_") for line in reply.text.splitlines())
    if not own:
        return failed("/metrics answers 200 without a number of the ERP.", _LOOK, status=_OK, numbers=0)
    return passed("/metrics answers with numbers of the ERP.", status=_OK, build="valeo_build_info" in reply.text)


def docs_page(facts: Facts) -> Outcome:
    """The page of the API, and the description that it shows."""
    page, described = facts.reply("/docs"), facts.reply(OPENAPI)
    if bad := _not_ok("/docs", page) or _not_ok(OPENAPI, described):
        return bad
    count = len(list(_operations(_object(described))))
    if not page.content_type.startswith("text/html") or not count:
        message = f"/docs is {page.content_type or 'of no type'}; {count} operations are described."
        return failed(message, _LOOK, content_type=page.content_type, operations=count)
    return passed(f"/docs shows a page and {count} operations are described.", operations=count)


def _described(facts: Facts) -> dict[str, Any] | Outcome:
    reply = facts.reply(OPENAPI)
    if bad := _not_ok(OPENAPI, reply):
        return bad
    told = _object(reply)
    if not list(_operations(told)):
        return failed(f"{OPENAPI} describes no operation.", _LOOK, operations=0)
    return told


def openapi_current(facts: Facts) -> Outcome:
    """The description speaks of the version that runs."""
    told = _described(facts)
    if isinstance(told, Outcome):
        return told
    runs, says = facts.erp.status.version, _dig(told, "info", "version")
    if not runs:
        return unknown("The active release has not told its version.", "Wait for the end of the rollout.")
    seen = {"described": says, "runs": runs}
    if says != runs:
        return failed(f"{OPENAPI} speaks of version {says}; {runs} runs.", "Build the image from one version.", **seen)
    return passed(f"{OPENAPI} speaks of version {runs}, which runs.", **seen)


def openapi_authentication(facts: Facts) -> Outcome:
    """Schemes are declared, and operations use them."""
    told = _described(facts)
    if isinstance(told, Outcome):
        return told
    schemes = sorted(_dig(told, "components", "securitySchemes") or {})
    operations = list(_operations(told))
    protected = len(operations) if told.get("security") else sum(bool(each.get("security")) for each in operations)
    seen = {"schemes": schemes, "protected": protected, "operations": len(operations)}
    if not schemes or not protected:
        message = f"{OPENAPI} declares {len(schemes)} ways to sign in, and {protected} operations ask for one."
        return failed(message, "Declare securitySchemes and use them.", **seen)
    return passed(f"{protected} of {len(operations)} operations say how a caller proves who it is.", **seen)


def openapi_examples(facts: Facts) -> Outcome:
    """At least one example is shown."""
    told = _described(facts)
    if isinstance(told, Outcome):
        return told
    count = sum(1 for _ in _examples(told.get("paths"))) + sum(1 for _ in _examples(told.get("components")))
    if not count:
        return failed(f"{OPENAPI} shows no example.", "Give the schemas examples.", examples=0)
    return passed(f"{OPENAPI} shows {count} examples.", examples=count)


def _operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    paths = told.get("paths")
    for item in paths.values() if isinstance(paths, dict) else ():
        if isinstance(item, dict):
            yield from (each for method, each in item.items() if method in _METHODS and isinstance(each, dict))


def _examples(value: Any) -> Iterator[Any]:
    """Every example at any depth."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in {"example", "examples"} and below:
                yield below
            else:
                yield from _examples(below)
    elif isinstance(value, list):
        for below in value:
            yield from _examples(below)


def _object(reply: Reply) -> dict[str, Any]:
    return reply.json if isinstance(reply.json, dict) else {}


def _dig(value: Any, *path: str) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
