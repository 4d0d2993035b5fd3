"""What an image tells of itself, if it is what a release needs. Pure."""

from typing import Any

from pydantic import ValidationError

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout import Colour
from valeo_operator.api.valeorelease import BreakingStep, StepKind, ValeoReleaseSpec
from valeo_operator.errands.plan import Result
from valeo_operator.installations.decisions import Finding
from valeo_operator.releases.desired import Description


def description(result: Result) -> Description | Finding:
    """What the image told, if it is what a release needs."""
    repository, _, digest = result.image_id.rpartition("@")
    try:
        return _described(result, digest, repository)
    except ValidationError as wrong:
        return _unsuitable(wrong)


def _described(result: Result, digest: str, repository: str) -> Description:
    told = Description(
        version=str(result.told.get("version", "")),
        head_revision=str(result.told.get("head_revision", "")),
        oldest_revision=str(result.told.get("oldest_revision", "")),
        digest=digest,
        repository=repository,
        chain=_words(result.told.get("revisions")),
        breaking=_breaking(result.told.get("breaking")),
        smoke_tests=_words(result.told.get("smoke_tests")),
    )
    ValeoReleaseSpec.model_validate(_as_spec(told))
    return told


def _words(told: object) -> tuple[str, ...]:
    return tuple(str(each) for each in told) if isinstance(told, list) else ()


def _breaking(told: object) -> tuple[BreakingStep, ...]:
    """What the image tells of revisions that do more than add. A word that is not known counts as irreversible."""
    entries = told if isinstance(told, list) else []
    kinds = {kind.value: kind for kind in StepKind}
    return tuple(
        BreakingStep(
            revision=str(each.get("revision")),
            kind=kinds.get(str(each.get("kind")), StepKind.IRREVERSIBLE),
            tolerated_from=each.get("tolerated_from"),
        )
        for each in entries
        if isinstance(each, dict)
    )


def _as_spec(told: Description) -> dict[str, Any]:
    return {
        "installation": "x",
        "version": told.version or None,
        "image": "x:1",
        "digest": told.digest,
        "configHash": "0" * 8,
        "schemaRevision": told.head_revision,
        "oldestSchemaRevision": told.oldest_revision,
        "schemaChain": told.chain,
        "smokeTests": told.smoke_tests,
        "colour": Colour.BLUE,
    }


def _unsuitable(wrong: ValidationError) -> Finding:
    fields = ", ".join(".".join(str(part) for part in each["loc"]) for each in wrong.errors())
    return Finding(
        Reason.IMAGE_UNSUITABLE,
        "the image in spec.image",
        f"its description has no usable {fields}",
        "version, head_revision and oldest_revision as `valeo-erp describe` tells them",
        "name an image of the ERP in spec.image",
        blocking=True,
    )
