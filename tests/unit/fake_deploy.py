"""A cluster in memory, a Helm that writes down what it is asked, and `up` on both."""

import pytest
import yaml

from kitctl.clusters import choice
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import image_choice, operation
from kitctl.release.preflight import machine
from kitctl.tools import release_lock
from kitctl.tools.helm.client import Plan
from kitctl.usecases import up
from tests.unit.fake_operation import Clock, Steps, as_json

LABELS = {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/part-of": "airflow-kit"}


CONFIG_PATH = "/api/v1/namespaces/airflow/configmaps/airflow-config"


def rendered(image="a/b:1"):
    spec = {"replicas": 1, "template": {"spec": {"containers": [{"name": "api-server", "image": image}]}}}
    labels = {**LABELS, "app.kubernetes.io/component": "api-server"}
    server = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "airflow-api-server", "labels": labels},
    }
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "airflow-config", "labels": LABELS}}
    return [{**server, "spec": spec}, {**config, "data": {"a": "1"}}]


class Helm:
    """Writes what a real one would write, ready at once."""

    def __init__(self, fake, *_):
        self.fake, self.calls, self.image = fake, [], "a/b:1"

    def plan(self, chart, release, namespace, sources):
        return Plan(yaml.safe_dump_all(rendered(self.image)), {})

    def upgrade_install(self, chart, release, namespace, sources, **more):
        self.calls.append(more)
        for obj in rendered(self.image):
            if obj["kind"] == "Deployment":
                obj["status"] = {"readyReplicas": 1, "updatedReplicas": 1, "replicas": 1}
            self.fake.add(obj)
        manifest = yaml.safe_dump_all(rendered(self.image))
        self.fake.add_record("deployed", revision=len(self.calls), manifest=manifest)

    def template(self, chart, release, namespace, sources, **_):
        return yaml.safe_dump_all(rendered(self.image))

    def values(self, *_, **__):
        return {"smoke": {"enabled": True}}


class Cluster:
    name, provider = "kitctl-node", "node"

    def __init__(self):
        self.made_by_kit, self.there, self.created = True, False, 0

    @property
    def loads_images(self):
        return self.made_by_kit

    @property
    def pulls_images(self):
        return not self.made_by_kit

    def context(self):
        return self.name

    def exists(self):
        return self.there

    def create(self, note, wanted):
        self.created, self.there = self.created + 1, True

    def node_port_address(self, port):
        return f"10.0.0.1:{port}"


class Api:
    def __init__(self):
        self.sick = 0

    def health(self):
        self.sick -= 1
        status = "unhealthy" if self.sick >= 0 else "healthy"
        return {
            "metadatabase": {"status": status},
            "scheduler": {"status": "healthy"},
            "dag_processor": {"status": "healthy"},
            "triggerer": {"status": None},
        }

    def sleep(self, seconds):
        pass


@pytest.fixture
def world(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    # Tests run beside each other, each with a release of the same name.
    monkeypatch.setattr(release_lock, "cache_dir", lambda: tmp_path)
    fake.helm, fake.cluster, fake.api, fake.smokes = Helm(fake), Cluster(), Api(), []
    monkeypatch.setattr(operation, "Helm", lambda *_: fake.helm)
    monkeypatch.setattr(operation, "Deadline", Clock().deadline)
    monkeypatch.setattr(operation.Kube, "connect", lambda *_: fake.kube)
    monkeypatch.setattr(choice, "cluster", lambda _: fake.cluster)
    monkeypatch.setattr(choice, "present", lambda _: fake.cluster)
    chosen = Choice("kitctl.local/airflow:1", "3.3.2")
    monkeypatch.setattr(machine.clusters, "check", lambda *_: True)
    real = machine.builder.find
    monkeypatch.setattr(machine.builder, "find", lambda name="": real(name) if name else None)
    monkeypatch.setattr(image_choice, "provide", lambda *_, **__: chosen)
    monkeypatch.setattr(operation.Release, "api", lambda *_: fake.api)
    monkeypatch.setattr(operation.Release, "url", lambda *_: "http://10.0.0.1:30809")
    monkeypatch.setattr("kitctl.release.smoke.run_smoke", lambda *args: fake.smokes.append(args))
    return fake


def yes(_):
    return True


def bring_up(settings=None, options=None, ask=yes):
    return as_json(up.up(settings or Settings(), options or UpOptions(), Steps(), ask))
