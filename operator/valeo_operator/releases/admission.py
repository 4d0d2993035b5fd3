"""What a release needs from people before it may go on: gates, and somebody who promotes it. Pure."""

from datetime import datetime

from valeo_operator.api.conditions import Reason
from valeo_operator.api.rollout_settings import Promotion
from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.installations.decisions import Finding
from valeo_operator.installations.facts import Facts
from valeo_operator.installations.names import PROMOTE_ANNOTATION
from valeo_operator.releases.acts import promoted
from valeo_operator.releases.lifecycle import Outcome
from valeo_operator.releases.readiness import steady
from valeo_operator.releases.verdict import Verdict, is_active, stays


def is_enforced(facts: Facts) -> bool:
    """Whether gates stand in the way of a release."""
    asked = facts.erp.spec.go_live
    return asked is not None and asked.enforce


def open_gates(current: ValeoRelease, facts: Facts) -> Finding | None:
    """The gates that are due before a deployment and stand in its way; None where they let it pass."""
    if not is_enforced(facts):
        return None
    judged = facts.erp.status.go_live
    subject = f"ValeoRelease/{current.metadata.name}"
    passes = "every gate that is due before a deployment passes or is waived"
    if judged is None or judged.release != current.metadata.name or judged.may_deploy is None:
        looks = "none; the gates are looked at every minute"
        return Finding(Reason.WAITING_FOR_GATES, subject, "its gates were not looked at yet", passes, looks)
    if judged.may_deploy:
        return None
    told = " ".join(judged.before_deployment) or "a gate is open"
    step = "do what the gates ask for (kubectl get gates -l valeoerp.io/phase=preDeployment), or have them waived"
    return Finding(Reason.WAITING_FOR_GATES, subject, f"gates are open: {told}", passes, step, blocking=True)


def gating(current: ValeoRelease, facts: Facts) -> Verdict:
    """Gates never stand in the way of a release that was admitted before."""
    waits = None if is_active(current, facts) else open_gates(current, facts)
    return Verdict(Outcome.DONE) if waits is None else stays(waits)


def awaiting_promotion(current: ValeoRelease, facts: Facts, now: datetime) -> Verdict:
    """Promoted by a person for this very release, and everything looked at again at this instant."""
    if is_active(current, facts):
        return Verdict(Outcome.DONE)
    name = current.metadata.name
    by_person = facts.erp.spec.rollout.promotion is Promotion.MANUAL or is_enforced(facts)
    if by_person and not promoted(name, facts):
        return stays(_awaited(name), course=steady(current, facts, now).course)
    waits = open_gates(current, facts)
    if waits is not None:
        return stays(waits)
    again = steady(current, facts, now)
    if again.outcome is not Outcome.DONE:
        return again
    return Verdict(Outcome.DONE, course=again.course, acts={"promote": name} if by_person else {})


def _awaited(name: str) -> Finding:
    return Finding(
        Reason.AWAITING_PROMOTION,
        f"ValeoRelease/{name}",
        "it is staged and verified",
        f"the annotation {PROMOTE_ANNOTATION}: {name} on the ValeoERP",
        "set it, or abort the release with valeoerp.io/abort",
        blocking=True,
    )
