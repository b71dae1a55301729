"""The files of a fleet, as far as they can be tried without a cluster: schemas, and what has to fit together.

Checked against the schemas that Kubernetes publishes (``kubernetes-validate`` ships them), strictly: a key that is
misspelt is an error there. That pods start, are drained and scaled was not tried here.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML
from tests.e2e.peers import need

from pansentry.configuration import Configuration
from pansentry.configuration.load import parse

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ENVIRONMENT = {"PANSENTRY_SECRET": "s" * 32, "PANSENTRY_STORE": "postgresql://pansentry:geheim@db/pansentry"}
VERSIONS = ("1.29", "1.33", "1.37")


def objects() -> list[dict[str, Any]]:
    """Every object in the files for Kubernetes."""
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [one for file in files for one in YAML(typ="safe").load_all(file.read_text())]


def of_kind(kind: str) -> dict[str, Any]:
    """The one object of a kind."""
    (found,) = [one for one in objects() if one["kind"] == kind]
    return found


def configuration(text: str) -> Configuration:
    """Read a configuration as a gateway does, with the files of the secret in place."""
    return parse(text.encode(), "pansentry.yaml", ENVIRONMENT, Path("/etc/pansentry"), lambda path: path)[0]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("one", objects(), ids=lambda one: one["kind"])
def test_kubernetes_accepts_every_object(one: dict[str, Any], version: str) -> None:
    """Against the published schema of old and new versions, without a key that it does not know."""
    kubernetes_validate.validate(one, version, strict=True)


def test_a_misspelt_key_would_be_found() -> None:
    """The test above can fail."""
    deployment = of_kind("Deployment")
    deployment["spec"]["template"]["spec"]["terminationGracePeriod"] = 60
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


def test_everything_that_is_needed_is_there() -> None:
    """What a fleet consists of."""
    kinds = {one["kind"] for one in objects()}
    assert kinds == {
        "ConfigMap", "Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Job",
    }  # fmt: skip


def test_names_labels_and_ports_fit() -> None:
    """Service, budget and autoscaler mean the pods of the deployment; the port is the one that is listened on."""
    deployment = of_kind("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert of_kind("Service")["spec"]["selector"] == labels
    assert of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert of_kind("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    (port,) = container["ports"]
    assert of_kind("Service")["spec"]["ports"][0]["targetPort"] == port["name"]
    wanted = configuration(of_kind("ConfigMap")["data"]["pansentry.yaml"])
    assert wanted.listen[0].address.endswith(f":{port['containerPort']}")
    volumes = {volume["name"] for volume in deployment["spec"]["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_a_pod_has_time_to_answer_what_it_has_begun() -> None:
    """The grace period is longer than waiting for the load balancer and draining together."""
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    waiting = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    wanted = configuration(of_kind("ConfigMap")["data"]["pansentry.yaml"])
    assert pod["terminationGracePeriodSeconds"] > waiting + wanted.limits.shutdown
    assert waiting > container["readinessProbe"]["periodSeconds"]


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pods_have_no_privilege(kind: str) -> None:
    """No root, no capability, no token, nothing writable but memory and an empty folder."""
    pod = of_kind(kind)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert not any(set(volume) & {"hostPath"} for volume in pod.get("volumes", ()))


@pytest.mark.parametrize("file", ["fleet/pansentry.yaml", "compose/fleet-pansentry.yaml"])
def test_the_configurations_are_ones(file: str) -> None:
    """A gateway takes them, and believes the PROXY header of one address only."""
    wanted = configuration((DEPLOY / file).read_text())
    assert all(listener.proxy for listener in wanted.listen)
    assert len(wanted.trusted.proxies) == 1


@pytest.mark.peers
@pytest.mark.parametrize("file", ["fleet/haproxy.cfg", "compose/haproxy.cfg"])
def test_haproxy_accepts_its_file(file: str) -> None:
    """HAProxy finds nothing wrong; a gateway's answer to the final dot is waited for as long as that may take."""
    program = need("haproxy", "haproxy")
    done = subprocess.run([program, "-c", "-f", str(DEPLOY / file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "timeout server 11m" in (DEPLOY / file).read_text()


@pytest.mark.peers
def test_docker_compose_accepts_the_fleet() -> None:
    """docker-compose reads the file and finds nothing wrong; the trusted proxy is the one of the file."""
    program = need("docker-compose", "docker-compose")
    done = subprocess.run(
        [program, "-f", "deploy/compose/fleet.yml", "config", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    compose = YAML(typ="safe").load((DEPLOY / "compose/fleet.yml").read_text())
    proxy = compose["services"]["haproxy"]["networks"]["mail"]["ipv4_address"]
    assert str(configuration((DEPLOY / "compose/fleet-pansentry.yaml").read_text()).trusted.proxies[0]) in (
        proxy, f"{proxy}/32",
    )  # fmt: skip
