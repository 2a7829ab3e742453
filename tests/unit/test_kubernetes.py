"""kubernetes/: valid by Kubernetes' and KEDA's own schemas, and held to what the image, the settings and the worker say."""

import re
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from agents.settings import Settings
from agents.topics import Topic

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "kubernetes"
RELEASES = ("1.31", kubernetes_validate.latest_version())


def load(path):
    return YAML(typ="safe").load(path)


MANIFESTS = {path.stem: load(path) for path in sorted(FOLDER.glob("*.yaml"))}
PODS = ("worker", "topics", "notify")


def closed(schema):
    """The schema with objects that take no other fields than those it names, as the API server's strict mode has it."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and isinstance(schema["properties"], dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        inner.setdefault("additionalProperties", False)
    return inner


@pytest.fixture(scope="module")
def scaled_object_schema():
    versions = load(ROOT / "tests/data/keda/keda.sh_scaledobjects.yaml")["spec"]["versions"]
    schema = closed(versions[0]["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}  # checked by Kubernetes, and left open by KEDA
    return schema


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", sorted(MANIFESTS.keys() - {"kustomization", "scaledobject"}))
def test_manifests_are_valid(name, release):
    kubernetes_validate.validate(MANIFESTS[name], release, strict=True)


def test_the_scaled_object_is_valid(scaled_object_schema):
    jsonschema.validate(MANIFESTS["scaledobject"], scaled_object_schema)


def test_what_is_misspelt_is_refused(scaled_object_schema):
    worker = load(FOLDER / "worker.yaml")
    worker["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(worker, RELEASES[0], strict=True)
    scaled = load(FOLDER / "scaledobject.yaml")
    scaled["spec"]["maxReplicas"] = 3
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(scaled, scaled_object_schema)


def test_kustomization_lists_every_manifest_and_does_nothing_else():
    kustomization = MANIFESTS["kustomization"]
    assert kustomization.keys() == {"apiVersion", "kind", "resources"}
    assert {Path(name).stem for name in kustomization["resources"]} == MANIFESTS.keys() - {"kustomization"}


@pytest.mark.parametrize("name", PODS)
def test_pods_run_without_root_and_without_rights(name):
    pod = MANIFESTS[name]["spec"]["template"]["spec"]
    image = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == tuple(map(int, image.groups()))
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]  # noqa: S108 - the pod's own, and all that it may write
    assert container["image"] == MANIFESTS["worker"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]


@pytest.fixture(scope="module")
def settings():
    return Settings.from_env(MANIFESTS["configmap"]["data"])


def test_settings_are_read_and_accepted(settings):
    assert {f"VIGIE_{field.upper()}" for field in Settings.__dataclass_fields__} >= MANIFESTS["configmap"]["data"].keys()
    assert settings.web_bind == "0.0.0.0"  # noqa: S104 - within the pod's network


def test_the_worker_is_probed_and_stopped_as_it_is_built(settings):
    pod = MANIFESTS["worker"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    pages = re.findall(r'"(/health/\w+)"', (ROOT / "agents/web.py").read_text())
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in pages
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["ports"] == [{"name": "http", "containerPort": settings.web_port}]
    assert MANIFESTS["worker"]["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(settings.web_port)
    assert pod["terminationGracePeriodSeconds"] > 2 * settings.stop_timeout
    assert float(container["resources"]["requests"]["cpu"]) == settings.processes


def test_the_notifier_is_probed_and_found_as_it_is_built(settings):
    manifest = MANIFESTS["notify"]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["notify"]
    pages = re.findall(r'web\.get\("(/health/\w+)"', (ROOT / "agents/notify/service.py").read_text())
    probes = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"startupProbe": "/health/live", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}
    assert set(probes.values()) == set(pages)
    assert container["ports"] == [{"name": "http", "containerPort": settings.web_port}]
    labels = manifest["spec"]["template"]["metadata"]["labels"]
    assert manifest["spec"]["selector"]["matchLabels"] == MANIFESTS["notify-service"]["spec"]["selector"] == labels
    assert manifest["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(settings.web_port)
    assert labels != MANIFESTS["worker"]["spec"]["template"]["metadata"]["labels"]


def test_workers_are_found_by_service_and_budget():
    labels = MANIFESTS["worker"]["spec"]["template"]["metadata"]["labels"]
    assert MANIFESTS["service"]["spec"]["selector"] == labels
    assert MANIFESTS["poddisruptionbudget"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["worker"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["scaledobject"]["spec"]["scaleTargetRef"]["name"] == MANIFESTS["worker"]["metadata"]["name"]


def test_keda_looks_where_the_workers_read(settings):
    spec = MANIFESTS["scaledobject"]["spec"]
    (trigger,) = spec["triggers"]
    assert trigger["metadata"]["topic"] == settings.topic(Topic.RAW)
    assert trigger["metadata"]["consumerGroup"] == settings.full_group
    assert trigger["metadata"]["bootstrapServers"] == settings.broker
    assert spec["maxReplicaCount"] == settings.partitions
    assert "replicas" not in MANIFESTS["worker"]["spec"]  # or each `kubectl apply` would undo what KEDA did
