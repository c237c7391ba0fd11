"""Argo CD with `prune: true` deletes nothing that the release makes at run time, by its own rules written down here."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import yaml

from kitctl.model.names import names
from kitctl.model.settings import Settings
from kitctl.release import job_pod
from kitctl.release.keys import ensure_keys
from kitctl.release.namespaces import made
from kitctl.release.preflight import database_pod
from tests.chart.release import CHART, ROOT, STORIES, Release, render, story
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_operation import Steps

APP = "airflow"
"""Name of the Application, which is the name of the Helm release, too."""

Object = dict[str, Any]


def options(obj: Object, kind: str) -> set[str]:
    text = (obj["metadata"].get("annotations") or {}).get(f"argocd.argoproj.io/{kind}-options", "")
    return {option.strip() for option in text.split(",") if option.strip()}


def has_owner(obj: Object, rendered: Release) -> bool:
    """Whether it has an owner; of the claims of a StatefulSet, Argo CD infers it from the name."""
    if obj["kind"] == "PersistentVolumeClaim":
        for one in rendered.all("StatefulSet"):
            claims = [claim.metadata.name for claim in one.spec.volume_claim_templates or []]
            if any(re.fullmatch(rf"{claim}-{one.metadata.name}-\d+", obj["metadata"]["name"]) for claim in claims):
                return True
    return bool(obj["metadata"].get("ownerReferences"))


def tracked(obj: Object, rendered: Release) -> bool:
    """Label tracking: whatever carries the Application's name and has no owner is a part of the Application."""
    labels = obj["metadata"].get("labels") or {}
    return labels.get("app.kubernetes.io/instance") == APP and not has_owner(obj, rendered)


def pruned(obj: Object, rendered: Release) -> bool:
    """Whether a sync with `prune: true` deletes an object of the cluster."""
    names_of_all = {(document["kind"], document["metadata"]["name"]) for document in rendered.documents}
    extra = (obj["kind"], obj["metadata"]["name"]) not in names_of_all
    return extra and tracked(obj, rendered) and "Prune=false" not in options(obj, "sync")


def goes_with_the_application(obj: Object, rendered: Release) -> bool:
    return tracked(obj, rendered) and "Delete=false" not in options(obj, "sync")


def out_of_sync(obj: Object, rendered: Release) -> bool:
    """Whether it makes the Application "OutOfSync" for as long as it exists."""
    return tracked(obj, rendered) and "IgnoreExtraneous" not in options(obj, "compare")


@pytest.fixture
def make_keys(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("make_keys", CHART / "files" / "make_keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def secret_of_the_job(
    make_keys: ModuleType, monkeypatch: pytest.MonkeyPatch, rendered: Release, tmp: Callable[[], Any]
) -> Object:
    """Run the keys Job with the environment that the chart gives it, on a Kubernetes API that has no Secret."""
    sent: list[Object] = []

    def request(method: str, _: str, body: Object | None) -> tuple[int, Object]:
        if method == "POST" and body:
            sent.append(body)
            return 201, body
        return 404, {}

    account = tmp()
    (account / "namespace").write_text("airflow")
    monkeypatch.setattr(make_keys, "ACCOUNT", account)
    monkeypatch.setattr(make_keys, "kubernetes_api", lambda: request)
    for variable in rendered.pod("keys").containers[0].env:
        monkeypatch.setenv(variable.name, variable.value)
    assert make_keys.main() == 0
    return sent[0]


@pytest.mark.parametrize("name", STORIES)
def test_worker_pods_outlive_a_sync(name: str) -> None:
    rendered = story(name)
    for template, pod in rendered.worker_templates.items():
        live = {**pod, "metadata": {**pod["metadata"], "name": "dag-task-0123"}}
        assert live["metadata"]["labels"]["app.kubernetes.io/instance"] == APP, "network policies select by it"
        assert not pruned(live, rendered), template
        assert not out_of_sync(live, rendered), template


def test_annotations_of_the_user_stand_beside_and_win() -> None:
    mine = "workers.podAnnotations.argocd\\.argoproj\\.io/sync-options=Prune=true"
    (pod,) = render(sets=(mine, "workers.podAnnotations.team=a")).worker_templates.values()
    assert pod["metadata"]["annotations"]["team"] == "a"
    assert options(pod, "sync") == {"Prune=true"}
    assert options(pod, "compare") == {"IgnoreExtraneous"}


def test_the_keys_of_the_job_outlive_sync_and_application(
    make_keys: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    rendered = story("gitops-argocd")
    secret = secret_of_the_job(make_keys, monkeypatch, rendered, lambda: tmp_path)
    assert secret["metadata"]["labels"]["app.kubernetes.io/instance"] == APP
    assert not pruned(secret, rendered)
    assert not goes_with_the_application(secret, rendered)
    assert not out_of_sync(secret, rendered)


def test_what_kitctl_makes_outlives_sync_and_application() -> None:
    rendered, fake = story("defaults"), FakeKube()
    known = names(APP, "airflow", {"workers": {"namespace": "tasks"}})
    with made(fake.kube, Settings(), known, Steps()):
        ensure_keys(fake.kube, "airflow", APP, known, [])
    workloads = [d for d in rendered.documents if d["kind"] == "Deployment"]
    processor = next(d for d in workloads if d["metadata"]["name"].endswith("dag-processor"))
    migrate = next(d for d in rendered.documents if d["kind"] == "Job" and "-migrate-" in d["metadata"]["name"])
    pods = [
        job_pod.manifest(processor, "image-check", {"name": "look"}),
        database_pod.pod(migrate, "downgrade", "database/compare.py", {}),
    ]
    found = [*fake.objects.values(), *pods]
    assert {obj["kind"] for obj in found} == {"Namespace", "Secret", "Pod"}
    assert any(tracked(obj, rendered) for obj in found)
    for obj in found:
        assert not pruned(obj, rendered), obj["metadata"]["name"]
        assert not goes_with_the_application(obj, rendered), obj["metadata"]["name"]
        assert not out_of_sync(obj, rendered), obj["metadata"]["name"]


@pytest.mark.parametrize("name", ["defaults", "mode-pvc"])
def test_claims_outlive_values_that_no_longer_render_them(name: str) -> None:
    rendered = story(name)
    without = render(sets=("logs.persistence.enabled=false",))
    claims = [d for d in rendered.documents if d["kind"] == "PersistentVolumeClaim"]
    assert claims
    for claim in claims:
        assert not pruned(claim, without)
        assert not goes_with_the_application(claim, rendered)


def test_the_claim_of_postgresql_belongs_to_its_statefulset() -> None:
    rendered = story("defaults")
    (template,) = rendered.one("StatefulSet", "postgres").spec.volume_claim_templates
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-airflow-postgres-0", "labels": template.metadata.labels},
    }
    assert not pruned(claim, rendered)
    # Without the StatefulSet it would go, which values-examples/gitops-argocd.yaml describes.
    assert pruned(claim, story("external-database"))


def test_the_rules_find_what_has_no_annotation() -> None:
    rendered = story("defaults")
    plain = {"kind": "Secret", "metadata": {"name": "x", "labels": {"app.kubernetes.io/instance": APP}}}
    assert pruned(plain, rendered)
    assert goes_with_the_application(plain, rendered)
    assert out_of_sync(plain, rendered)
    assert not pruned({**plain, "metadata": {**plain["metadata"], "ownerReferences": [{"name": "a"}]}}, rendered)
    assert not pruned({**plain, "metadata": {"name": "x"}}, rendered)


def test_the_application_of_the_docs_prunes() -> None:
    text = (ROOT / "docs" / "argocd.md").read_text(encoding="utf-8")
    (block,) = [found for found in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "kind: Application\n" in found]
    application = yaml.safe_load(block)
    spec = application["spec"]
    assert application["metadata"]["name"] == APP
    assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    (file,) = spec["source"]["helm"]["valueFiles"]
    assert (CHART / file).resolve() == ROOT / "values-examples" / "gitops-argocd.yaml"
