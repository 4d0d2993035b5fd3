"""What goes wrong around an installation is told in words, and heals when the cause is gone."""

from datetime import timedelta

import pytest
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life

from valeo_operator.cluster.client import refuse
from valeo_operator.cluster.kinds import DEPLOYMENTS, DISRUPTION_BUDGETS, INGRESSES, PODS
from valeo_operator.cluster.objects import Object, dig, label
from valeo_operator.cluster.protocol import ClusterError, RefusedError

HOST = {"ingress": {"host": "erp.example"}, "publicURL": None}
ROOM = "a quota must have room for both colours and one Job"


def stalled(life: Life) -> str:
    said = life.condition("Stalled")
    assert said["status"] == "True", life.status["message"]
    return f"{said['reason']}: {said['message']}"


# --- a quota that is too small ---------------------------------------------------------------------------------------


def test_a_quota_that_lets_no_pod_of_a_new_colour_be_made_is_told_and_the_active_one_serves(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    while running.status["phase"] != "Staging":
        running.look()
        running.controllers.work()
    running.controllers.broken.add("quota")
    running.go_on(rounds=5)
    assert "PodsFailing: Deployment/production-green: not all of its pods can be made" in stalled(running)
    assert "exceeded quota" in stalled(running)
    assert ROOM in stalled(running)
    assert dig(running.cluster.find(DEPLOYMENTS, "production-blue"), "status", "readyReplicas") == 2
    running.controllers.broken.clear()
    running.go_on(rounds=60)
    assert running.status["phase"] == "Complete"
    assert running.status["activeColour"] == "green"


def test_a_job_for_which_no_pod_is_made_names_who_knows_why(life: Life) -> None:
    life.controllers.broken.add("quota")
    life.apply()
    life.go_on(rounds=30)
    assert "no pod was made for it" in stalled(life)
    assert "kubectl describe job/production-describe-" in stalled(life)
    life.controllers.broken.clear()
    life.go_on(rounds=60)
    assert life.status["phase"] == "Complete"


def test_a_database_for_which_no_pod_is_made_names_who_knows_why(life: Life) -> None:
    life.apply()
    while life.cluster.find(PODS, "production-database-0") is None or life.status.get("phase") != "Gating":
        life.look()
        life.controllers.work()
    life.controllers.broken |= {"quota", "database"}
    life.cluster.lose(PODS, NAMESPACE, "production-database-0")
    life.go_on(rounds=6, seconds=15)
    assert "kubectl describe statefulset/production-database names what stands in the way" in stalled(life)


# --- a webhook that is down, an API server that is busy ---------------------------------------------------------------


def test_a_webhook_that_is_down_is_a_refusal_that_somebody_must_see_to() -> None:
    answer = (
        '{"reason":"InternalError","message":"Internal error occurred: failed calling webhook \\"policy.example\\": '
        'failed to call webhook: Post \\"https://policy.svc:443\\": connect: connection refused"}'
    )
    with pytest.raises(RefusedError, match="failed calling webhook"):
        refuse(500, answer)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_api_server_that_has_no_time_is_asked_again(status: int) -> None:
    with pytest.raises(ClusterError, match=str(status)):
        refuse(status, '{"reason":"InternalError","message":"etcdserver: request timed out"}')


# --- pods that take their time, nodes that are drained ----------------------------------------------------------------


def test_a_release_that_starts_slowly_is_waited_for_and_says_so(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0")
    running.look()
    target = running.status["targetRelease"]
    running.controllers.unready[target] = 2
    running.go_on(rounds=60, seconds=5)
    assert running.status["phase"] == "Staging"
    assert "Deployment/production-green: 0 of 2 pods are ready" in running.status["message"]
    running.controllers.unready[target] = 1
    running.go_on(rounds=5)
    assert "1 of 2 pods are ready" in running.status["message"]
    running.controllers.unready.clear()
    running.go_on()
    assert (running.status["phase"], running.status["activeColour"]) == ("Complete", "green")


def test_a_drained_node_takes_one_pod_of_an_installation_at_a_time(running: Life) -> None:
    (budget,) = running.cluster.all(DISRUPTION_BUDGETS)
    assert budget["spec"]["maxUnavailable"] == 1
    chosen = budget["spec"]["selector"]["matchLabels"]
    protected = [each for each in running.cluster.all(PODS) if all(label(each, key) == chosen[key] for key in chosen)]
    assert len(protected) == 2


def test_a_pod_that_a_drained_node_takes_while_it_is_staged_begins_the_window_anew(running: Life) -> None:
    running.apply(image="valeo-erp:1.1.0", rollout={**BRIEF, "stabilitySeconds": 20})
    while running.status["phase"] != "Staging":
        running.look()
        running.controllers.work()
    running.go_on(rounds=10)
    running.controllers.unready[running.status["targetRelease"]] = 1
    running.go_on(rounds=2)
    running.controllers.unready.clear()
    running.go_on(rounds=3)
    assert running.status["phase"] == "Staging"
    assert "it was lost 1 times" in running.status["message"]
    running.go_on(rounds=60)
    assert running.status["activeColour"] == "green"


# --- two installations that want the same host ------------------------------------------------------------------------


def of_another(life: Life, age: timedelta) -> None:
    """The Ingress of an installation in another namespace, with the same host."""
    ours = {"app.kubernetes.io/managed-by": "valeo-operator", "app.kubernetes.io/instance": "other"}
    wanted: Object = {
        "metadata": {"name": "other", "namespace": "elsewhere", "labels": ours},
        "spec": {"rules": [{"host": "erp.example"}]},
    }
    life.cluster.put(INGRESSES, wanted)
    born = (life.cluster.now - age).isoformat()
    life.cluster.change(INGRESSES, "elsewhere", "other", lambda each: each["metadata"].update(creationTimestamp=born))


def test_of_two_that_want_the_same_host_the_later_one_is_told_and_gets_it_when_it_is_free(life: Life) -> None:
    of_another(life, timedelta(days=1))
    life.apply(**HOST)
    life.go_on()
    assert "HostTaken: spec.ingress.host: erp.example is the host of Ingress elsewhere/other" in stalled(life)
    assert life.condition("Ready")["status"] == "False"
    assert life.condition("Available")["status"] == "True"
    assert life.cluster.find(INGRESSES, NAME) is None
    life.cluster.lose(INGRESSES, "elsewhere", "other")
    life.go_on()
    assert life.cluster.find(INGRESSES, NAME) is not None
    assert life.condition("Ready")["status"] == "True"


def test_whose_host_it_was_first_keeps_it(life: Life) -> None:
    life.apply(**HOST)
    life.go_on()
    life.cluster.pass_time(60)
    of_another(life, timedelta(0))
    life.go_on(rounds=3)
    assert life.cluster.find(INGRESSES, NAME) is not None
    assert life.condition("Ready")["status"] == "True"
