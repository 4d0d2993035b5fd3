"""The repository's own tools: what they promise without being run."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DOCKERFILES = sorted([ROOT / "erp/Dockerfile", ROOT / "operator/Dockerfile", ROOT / "manifests/postgres/Dockerfile"])


def version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared: str = tomllib.load(file)["project"]["version"]
    return declared


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_a_dockerfile_builds_with_the_classic_builder(dockerfile: Path) -> None:
    text = dockerfile.read_text()

    assert not re.search(r"--mount|--chmod|^# *syntax", text, re.MULTILINE)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_runs_as_a_numbered_user_and_tells_its_version(dockerfile: Path) -> None:
    final = dockerfile.read_text().split("FROM debian:trixie-slim")[-1]

    assert re.search(r"^USER 1000[12]:1000[12]$", final, re.MULTILINE)
    assert "org.opencontainers.image.version" in final
    assert "bundle.crt" not in final


def test_chart_sample_and_project_name_one_version() -> None:
    chart = yaml.safe_load((ROOT / "manifests/helm/valeo-operator/Chart.yaml").read_text())
    sample = yaml.safe_load((ROOT / "manifests/samples/valeoerp.yaml").read_text())

    assert chart["version"] == chart["appVersion"] == version()
    assert sample["spec"]["image"] == f"valeo-erp:{version()}"


def test_both_kinds_of_cluster_map_the_same_ports() -> None:
    own, public = (
        yaml.safe_load((ROOT / f"manifests/kind/kind-{kind}.yaml").read_text()) for kind in ("own", "public")
    )

    assert own["nodes"][0]["extraPortMappings"] == public["nodes"][0]["extraPortMappings"]


def test_the_sample_is_reached_at_the_ports_that_the_cluster_maps() -> None:
    node = yaml.safe_load((ROOT / "manifests/kind/kind-own.yaml").read_text())["nodes"][0]
    sample = yaml.safe_load((ROOT / "manifests/samples/valeoerp.yaml").read_text())["spec"]
    mapped = {
        each["containerPort"]: f"http://{each['listenAddress']}:{each['hostPort']}"
        for each in node["extraPortMappings"]
    }

    assert sample["publicURL"] == mapped[sample["service"]["nodePort"]]
    provider = sample["auth"]["developmentProvider"]
    assert provider["publicURL"] == mapped[provider["nodePort"]]


def test_every_value_of_the_chart_is_in_its_schema() -> None:
    chart = ROOT / "manifests/helm/valeo-operator"
    values = yaml.safe_load((chart / "values.yaml").read_text())
    schema = json.loads((chart / "values.schema.json").read_text())

    assert set(values) <= set(schema["properties"])


def test_every_task_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    tasks = {word for line in re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) for word in line.split()}
    told = set(re.findall(r"^([a-z0-9-]+):.*## .+$", makefile, re.MULTILINE))

    assert tasks == told


def test_every_tier_is_a_task() -> None:
    makefile, tiers = (ROOT / "Makefile").read_text(), (ROOT / "tests/tiers").read_text()
    found = re.search(r"^ALL=\((.*)\)$", tiers, re.MULTILINE)
    assert found is not None

    for tier in found.group(1).split():
        task = tier if tier in {"lint", "types"} else f"test-{tier}"
        assert re.search(rf"^{task}:", makefile, re.MULTILINE), tier
