"""`kitctl render …`: what is shown is what Helm makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kitctl.commands.render import app
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.model.values import DagMode
from kitctl.render import user_texts
from kitctl.render.check import check_pod
from kitctl.usecases.render import show

REPO = "dags.git.repo=https://git.example.com/dags.git"
GPU = "workers:\n  profiles:\n    gpu: {nodeSelector: {gpu: 'true'}}\n"


def settings(tmp_path: Path, values: str = "", *sets: str) -> Settings:
    files = ()
    if values:
        file = tmp_path / "mine.yaml"
        file.write_text(values, encoding="utf-8")
        files = (file,)
    return Settings(values=files, sets=sets)


def test_the_default_pod_is_shown(tmp_path: Path) -> None:
    pod = yaml.safe_load(show.pod(settings(tmp_path), "default"))
    assert pod["spec"]["containers"][0]["name"] == "base"


def test_a_flag_chooses_the_mode(tmp_path: Path) -> None:
    assert "git-sync-init" in show.pod(settings(tmp_path, "", REPO), "default", DagMode.GIT)


@pytest.mark.parametrize("mode", list(DagMode))
def test_the_kits_own_pods_pass_every_check(tmp_path: Path, mode: DagMode) -> None:
    bundles = "dags.bundle.items[0].name=a,dags.bundle.items[0].repo=https://git.example.com/a.git"
    assert check_pod(show.pod(settings(tmp_path, "", REPO, bundles), "default", mode)) == []


def test_the_values_choose_the_mode(tmp_path: Path) -> None:
    assert "git-sync-init" in show.pod(settings(tmp_path, "dags: {mode: git}\n", REPO), "default")


def test_a_profile_is_shown(tmp_path: Path) -> None:
    assert yaml.safe_load(show.pod(settings(tmp_path, GPU), "gpu"))["spec"]["nodeSelector"] == {"gpu": "true"}


def test_an_unknown_profile_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        show.pod(settings(tmp_path, GPU), "cpu")
    assert error.value.id == "profile-unknown"
    assert "default, gpu" in error.value.cause


def test_a_broken_profile_is_refused_before_a_cluster_is_touched(tmp_path: Path) -> None:
    values = "workers:\n  profiles:\n    bad: {containers: [{volumeMounts: [{name: gone, mountPath: /x}]}]}\n"
    with pytest.raises(KitError) as error:
        show.pods(settings(tmp_path, values))
    assert error.value.id == "pod-template-invalid"
    assert "'bad'" in error.value.message
    assert "no volume 'gone'" in error.value.cause


def test_all_broken_profiles_are_told_at_once_with_their_keys(tmp_path: Path) -> None:
    bad = "{containers: [{resources: {requests: {memory: 1GB}}}]}"
    values = f"workers: {{profiles: {{big: {bad}, huge: {bad}, fine: {{}}}}}}\n"
    with pytest.raises(KitError) as error:
        show.pods(settings(tmp_path, values))
    assert [line.split(":")[0] for line in error.value.cause.splitlines()] == ["big", "huge"]
    assert "workers.profiles.big, workers.profiles.huge" in error.value.fix
    assert "fine" not in error.value.fix


def test_what_all_worker_pods_share_is_told_once(tmp_path: Path) -> None:
    values = "workers: {extraVolumeMounts: [{name: nowhere, mountPath: /x}], profiles: {a: {}, b: {}}}\n"
    with pytest.raises(KitError) as error:
        show.pods(settings(tmp_path, values))
    assert len(error.value.cause.splitlines()) == 1
    assert "'default'" in error.value.message
    assert "workers.*" in error.value.fix


def test_a_users_template_folder_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "t" / "pod_template"
    folder.mkdir(parents=True)
    text = '{% extends "kit/pod_template/image.yaml.j2" %}{% block affinity %}\n  hostname: mine\n{% endblock %}'
    (folder / "image.yaml.j2").write_text(text, encoding="utf-8")
    assert "hostname: mine" in show.pod(settings(tmp_path), "default", None, tmp_path / "t")


def test_a_broken_users_template_names_the_rule(tmp_path: Path) -> None:
    folder = tmp_path / "t" / "pod_template"
    folder.mkdir(parents=True)
    (folder / "image.yaml.j2").write_text("kind: Job\n", encoding="utf-8")
    with pytest.raises(KitError) as error:
        show.pod(settings(tmp_path), "default", None, tmp_path / "t")
    assert error.value.id == "pod-template-invalid"


def test_values_are_merged_by_helm(tmp_path: Path) -> None:
    found = show.values(settings(tmp_path, "scheduler: {replicas: 2}\n", "triggerer.enabled=false"), DagMode.PVC)
    assert found["scheduler"]["replicas"] == 2
    assert found["triggerer"]["enabled"] is False
    assert found["dags"]["mode"] == "pvc"
    assert found["apiServer"]["replicas"] == 1


def test_showing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    show.manifests(settings(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        user_texts.check_pod_file(tmp_path / "gone.yaml")
    assert error.value.id == "file-missing"


def test_check_says_ok_as_json(tmp_path: Path) -> None:
    file = tmp_path / "pod.yaml"
    file.write_text(show.pod(settings(tmp_path), "default"), encoding="utf-8")
    answer = CliRunner().invoke(app, ["pod", "--check", str(file), "-o", "json"])
    assert answer.exit_code == 0
    assert yaml.safe_load(answer.stdout) == {"file": str(file), "ok": True, "warnings": []}


def test_renamed_options_of_the_values_are_told_on_stderr() -> None:
    answer = CliRunner().invoke(app, ["cfg", "--set", "config.webserver.expose_config=true"])
    assert answer.exit_code == 0
    assert "[api] expose_config" in answer.stderr
    assert "# [webserver] expose_config = True" in answer.stdout


OLD_CFG = """{% extends "kit/airflow.cfg.j2" %}
{% block extra %}
[webserver]
base_url = x
[smtp]
smtp_password = x
{% endblock %}
"""
OLD_ENV = """
env: [{name: AIRFLOW__WEBSERVER__BASE_URL, value: x}]
workers: {env: [{name: AIRFLOW__KUBERNETES__NAMESPACE, value: x}]}
"""


@pytest.mark.parametrize("verb", ["cfg", "pod", "manifests"])
def test_renamed_options_are_told_wherever_they_stand(tmp_path: Path, verb: str) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "airflow.cfg.j2").write_text(OLD_CFG, encoding="utf-8")
    (values,) = settings(tmp_path, OLD_ENV).values
    answer = CliRunner().invoke(app, [verb, "--template-dir", str(tmp_path / "t"), "-f", str(values)])
    assert answer.exit_code == 0
    for told in (
        "Warning: [webserver] base_url: is called [api] base_url",
        "Warning: [smtp] smtp_password: was removed",
        "Warning: env[0].name: AIRFLOW__WEBSERVER__BASE_URL: is called [api] base_url",
        "Warning: workers.env[0].name: AIRFLOW__KUBERNETES__NAMESPACE: is called [kubernetes_executor] namespace",
    ):
        assert told in answer.stderr


def test_the_kits_own_values_give_no_warning() -> None:
    for verb in ("cfg", "pod", "manifests", "values"):
        assert CliRunner().invoke(app, [verb]).stderr == ""


def test_a_doubtful_pod_is_told_by_render(tmp_path: Path) -> None:
    values = "workers: {extraVolumes: [{name: host, hostPath: {path: /x}}]}\n"
    (file,) = settings(tmp_path, values).values
    assert "hostPath: Pod Security" in CliRunner().invoke(app, ["pod", "-f", str(file)]).stderr


def test_manifests_go_to_stdout_as_they_are() -> None:
    answer = CliRunner().invoke(app, ["manifests", "-n", "here"])
    kinds = {d["kind"] for d in yaml.safe_load_all(answer.stdout) if d}
    assert {"Deployment", "StatefulSet", "Job", "ConfigMap"} <= kinds


def test_manifests_as_json_are_one_list_that_kubectl_takes() -> None:
    answer = CliRunner().invoke(app, ["manifests", "-n", "here", "-o", "json"])
    body = json.loads(answer.stdout)
    assert (body["apiVersion"], body["kind"]) == ("v1", "List")
    assert {"Deployment", "Service", "ConfigMap"} <= {item["kind"] for item in body["items"]}


BRACES = """
env: [{name: AIRFLOW_VAR_TARGET, value: "s3://bucket/{{ ds }}/"}]
config: {logging: {log_filename_template: "{{ ti.dag_id }}/{% if a %}x{% endif %}"}}
commonAnnotations: {example.org/a: "{{ .Values.env }} {{ x }}"}
workers:
  podAnnotations: {vault.hashicorp.com/agent-inject-template-wh: '{{ with secret "kv" }}{{ .Data.data.x }}{{ end }}'}
  profiles: {gpu: {containers: [{env: [{name: A, value: "{{ b }}"}]}]}}
"""


def test_braces_in_values_are_data(tmp_path: Path) -> None:
    manifest = show.manifests(settings(tmp_path, BRACES))
    data = {"s3://bucket/{{ ds }}/", "{{ ti.dag_id }}/{% if a %}x{% endif %}", "{{ .Values.env }} {{ x }}"}
    assert all(text in manifest for text in data)
    pods = {name: yaml.safe_load(text) for name, text in show.pods(settings(tmp_path, BRACES)).items()}
    assert {"name": "A", "value": "{{ b }}"} in pods["gpu"]["spec"]["containers"][0]["env"]
    annotations = pods["default"]["metadata"]["annotations"]
    assert annotations["vault.hashicorp.com/agent-inject-template-wh"].endswith("{{ .Data.data.x }}{{ end }}")
