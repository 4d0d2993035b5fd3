"""A whole life under spec.quota on the real API server: every pod and Job that the operator makes is let in."""

import json

import pytest
from tests.support.api_server import ApiServer
from tests.support.installed import place, until

QUOTA = {"cpu": "2", "memory": "12Gi", "pods": 20}


@pytest.mark.timeout(500)
def test_an_installation_comes_up_and_another_release_goes_live_under_its_quota(operator: ApiServer) -> None:
    with place(operator, "quota") as there:
        there.apply(quota=QUOTA)
        there.complete(180)
        before = there.status["activeRelease"]
        there.apply(quota=QUOTA, publicURL="http://127.0.0.1:9090")
        until(lambda: there.status["activeRelease"] != before, there.told, 120)
        there.complete(120)

        used = (there.get("resourcequota", "acme") or {})["status"]["used"]
        assert int(used["pods"]) >= 3, used
        assert not [each for each in there.all("events") if "exceeded quota" in each["message"]]

        there.apply(publicURL="http://127.0.0.1:9090")
        until(lambda: not there.all("resourcequota") and not there.all("limitrange"), lambda: json.dumps(used), 90)
