"""The rights that roles give, as the operator counts its calls."""

import json
import re

from tests.support.api_server import ApiServer
from tests.support.installed import operator_metrics


def rights(cluster: ApiServer, *role: str) -> set[tuple[str, str]]:
    """The verbs and resources of a role, as the operator counts its calls."""
    given: set[tuple[str, str]] = set()
    for each in json.loads(cluster.kubectl("get", *role, "-o", "json"))["rules"]:
        assert "*" not in str(each), each
        given |= {(verb, name) for verb in each["verbs"] for name in named(each)}
    return given


def named(rule: dict[str, list[str]]) -> list[str]:
    """The resources of a rule, as the operator counts them."""
    (group,) = rule["apiGroups"]
    names = []
    for resource in rule["resources"]:
        plural, _, subresource = resource.partition("/")
        full = f"{plural}.{group}" if group else plural
        names.append(f"{full}/{subresource}" if subresource else full)
    return names


def counted_calls(cluster: ApiServer) -> set[tuple[str, str]]:
    """What the operator's own client has asked since the operator began."""
    counted = re.findall(r'api_calls_total\{resource="([^"]+)",verb="([^"]+)"\}', operator_metrics(cluster))
    return {(verb, resource) for resource, verb in counted}
