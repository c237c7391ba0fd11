"""The Makefile: what it would run, without running it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_RULES = re.findall(r"^([a-z][a-z0-9 .-]*):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
TARGETS = [target for rule in _RULES for target in rule.split()]
_OWN = (
    "NAMESPACE",
    "IMAGE",
    "TAG",
    "REPOSITORY",
    "CONTEXT",
    "TOOLS",
    "HELM_VALUES",
    "HELM_SET",
    "MANIFEST",
    "REGISTRY",
    "MAKEFLAGS",
    "MAKELEVEL",
)


def make(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in _OWN}
    return subprocess.run(["make", *words], cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False)


def would(*words: str, **env: str) -> str:
    done = make("-n", *words, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_old_kits_targets_are_all_there() -> None:
    image, helm = "clean build publish test", "helm-install helm-check helm-ls helm-uninstall"
    plain = "create apply delete list-pods browse-web browse-flower"
    assert set(f"{image} {helm} {plain}".split()) <= set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_can_be_read(target: str) -> None:
    assert would(target, "IMAGE=example.com/team/airflow", "TAG=1", "WORKERS=1").strip()


def test_without_a_target_it_prints_the_list() -> None:
    shown = make().stdout
    assert [t for t in ("up", "test", "helm-install", "airflow.all.yaml") if f"\n  {t} " not in shown] == []


@pytest.mark.parametrize("target", ["up", "build"])
def test_a_path_may_hold_blanks(target: str) -> None:
    told = would(target, "EMBEDDED_DAGS_LOCATION=/srv/my dags", "REQUIREMENTS_TXT_LOCATION=~/a b/r.txt")
    assert "--dags /srv/my\\ dags " in told
    assert "--requirements ~/a\\ b/r.txt " in told


@pytest.mark.parametrize("target", ["up", "helm-install", "helm-check", "airflow.all.yaml", "airflow.celery.yaml"])
def test_single_values_reach_helm_as_they_were_typed(target: str) -> None:
    told = would(target, "HELM_VALUES=a.yaml", "HELM_SET=executors={A,B} airflow.config.core.x=$$HOME")
    assert "-f a.yaml --set 'executors={A,B}' --set 'airflow.config.core.x=$HOME'" in told


def test_the_image_by_the_old_names() -> None:
    assert "image build   --tag team/airflow:7" in would("build", "REPOSITORY=team/airflow", "TAG=7")
    assert "image push team/airflow:7" in would("publish", "IMAGE=team/airflow", "TAG=7")
    assert "--image team/airflow" in would("up", "IMAGE=team/airflow")


def test_publish_is_for_an_image_or_for_the_whole_kit() -> None:
    whole = would("publish", "REGISTRY=r.example.com/kit", "DRY_RUN=yes", "COSIGN_KEY=my keys/cosign.key")
    assert "get-tools --group publish && .venv/bin/python scripts/publish.py r.example.com/kit --output dist" in whole
    assert "--key my\\ keys/cosign.key" in whole
    assert "--dry-run" in whole
    assert "image push team/airflow:7" in would("publish", "IMAGE=team/airflow", "TAG=7", "REGISTRY=r.example.com/kit")


@pytest.mark.parametrize("words", [("build", "TAG=7"), ("up", "TAG=7"), ("publish",)])
def test_a_tag_of_no_image_is_refused_and_not_passed_over(words: tuple[str, ...]) -> None:
    done = make("-n", *words)
    assert done.returncode == 2
    assert f"IMAGE is missing [usage]. Fix: make {words[0]} IMAGE=" in done.stderr


def test_who_is_not_root_builds_no_programs_of_a_node(tmp_path: Path) -> None:
    shim = tmp_path / "id"
    shim.write_text("#!/bin/sh\necho 1000\n")
    shim.chmod(0o755)
    assert "get-tools --group chart" in would("up", PATH=f"{tmp_path}:{os.environ['PATH']}")
    shim.write_text("#!/bin/sh\necho 0\n")
    assert "get-tools --group node" in would("up", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "get-tools --group chart" in would("up", "CONTEXT=prod", PATH=f"{tmp_path}:{os.environ['PATH']}")
    for provider, group in (("kind", "chart"), ("minikube", "chart"), ("node", "node"), ("auto", "node")):
        told = would("up", PATH=f"{tmp_path}:{os.environ['PATH']}", KITCTL_PROVIDER=provider)
        assert f"get-tools --group {group}" in told


def test_images_are_built_while_the_programs_of_a_node_are(tmp_path: Path) -> None:
    shim = tmp_path / "id"
    shim.write_text("#!/bin/sh\necho 0\n")
    shim.chmod(0o755)

    def told(*words: str) -> str:
        return would("up", *words, PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert "--group node --meanwhile .venv/bin/kitctl image prepare" in told()
    assert "image prepare --dags d --dag-mode git --image i:1" in " ".join(
        told("EMBEDDED_DAGS_LOCATION=d", "DAG_MODE=git", "IMAGE=i:1").split()
    )
    for words in ("CONTEXT=prod", "HELM_VALUES=v.yaml", "HELM_SET=image.tag=1"):
        assert "--meanwhile" not in told(words)


@pytest.mark.parametrize(
    "target", ["list-pods", "delete", "create", "apply", "helm-ls", "helm-uninstall", "helm-check"]
)
def test_helm_and_kubectl_act_where_kitctl_does(target: str) -> None:
    assert "scripts/tool --meant" in would(target)
    told = would(target, "CONTEXT=prod")
    assert "--meant" not in told
    assert "--context prod" in told or "--kube-context prod" in told


@pytest.mark.parametrize(("name", "option"), [("helm", "--kube-context"), ("kubectl", "--context")])
def test_the_cluster_that_is_meant_is_kitctls(tmp_path: Path, name: str, option: str) -> None:
    version = "kubernetes" if name == "kubectl" else name
    number = (ROOT / "versions.toml").read_text().split(f"[tools.{version}]")[1].split('version = "')[1].split('"')[0]
    program = tmp_path / "cache" / "tools" / version / number / name
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    env = {key: value for key, value in os.environ.items() if not key.startswith("KITCTL_")}
    env |= {"KITCTL_CACHE": str(tmp_path / "cache"), "KITCTL_STATE": str(tmp_path / "state")}

    def told(**more: str) -> str:
        call = [str(ROOT / "scripts" / "tool"), "--meant", name, "list", "a b"]
        done = subprocess.run(call, env=env | more, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert told() == "list a b"
    assert told(KITCTL_CONTEXT="prod") == f"{option} prod list a b"
    (tmp_path / "state" / "kitctl-node").mkdir(parents=True)
    assert told() == f"{option} kitctl-node list a b"
    assert told(KITCTL_KUBECONFIG="/k") == f"{option} kitctl-node --kubeconfig /k list a b"
    (tmp_path / "kitctl.yaml").write_text("environments: {prod: {context: c, kubeconfig: k}}")
    assert told() == f"{option} kitctl-node list a b"
    assert told(KITCTL_ENVIRONMENT="prod") == f"{option} c --kubeconfig k list a b"


def test_an_image_is_kept_for_the_next_run_of_ci() -> None:
    save, load = ("save-docker-cache", "IMAGE=team/airflow", "TAG=7"), "load-docker-cache"
    assert "image save docker-cache/image.tar team/airflow:7" in would(*save)
    assert "image save docker-cache/image.tar\n" in would("save-docker-cache").replace(" \n", "\n")
    assert "image save /my\\ cache/image.tar" in would("save-docker-cache", "DOCKER_CACHE=/my cache")
    assert "image restore a.tar" in would(load, "SAVED_IMAGE=a.tar")
    done = make(load, "SAVED_IMAGE=/nonexistent/a.tar")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", ["travis-env"])
def test_targets_that_are_gone_say_what_there_is_now(target: str) -> None:
    done = make(target)
    assert done.returncode == 2
    assert f"The make target {target} no longer exists [target-gone]" in done.stderr
    assert "\n  Fix:   " in done.stderr


@pytest.mark.parametrize("target", ["apply", "delete"])
def test_a_release_of_helms_is_not_written_over_or_deleted_by_kubectl(target: str) -> None:
    lines = would(target).splitlines()
    (guard,) = [line for line in lines if "scripts/refuse" in line]
    act = lines[-1]
    assert lines.index(guard) < min(n for n, line in enumerate(lines) if "kubectl" in line)
    assert f"scripts/refuse {target}-helm airflow" in guard
    assert f"kubectl --namespace airflow {target}" in act
    call = [str(ROOT / "scripts" / "refuse"), f"{target}-helm", "airflow"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "The release airflow was made by Helm [release-of-helm]" in done.stderr


@pytest.mark.parametrize("target", ["create", "apply", "delete"])
def test_the_rendered_file_may_be_that_with_celery(target: str) -> None:
    assert "airflow.all.yaml" in would(target)
    told = would(target, "MANIFEST=airflow.celery.yaml", "HELM_SET=a=b")
    assert "airflow.all.yaml" not in told
    rendered = "-f values-examples/celery-rabbitmq.yaml --set flower.enabled=true  --set 'a=b' > airflow.celery.yaml"
    assert rendered in told
    assert f"{target}{' --ignore-not-found' if target == 'delete' else ''} -f airflow.celery.yaml" in told


def test_delete_leaves_no_worker_pod_that_would_keep_a_claim() -> None:
    first, pods, last = would("delete").splitlines()[-3:]
    assert (" --wait=false " in first, " --wait=false " in last) == (True, False)
    assert "delete pods -l app.kubernetes.io/instance=airflow,app.kubernetes.io/component=worker" in pods


def test_scale_takes_a_number_and_a_group() -> None:
    assert "kitctl scale -n airflow --release airflow  --workers 0\n" in would("scale", "WORKERS=0", GROUP="staff")
    assert would("scale", "WORKERS=2", "GROUP=big").endswith(" --workers 2 --group big\n")
    done = make("-n", "scale")
    assert "WORKERS is missing [usage]. Fix: make scale WORKERS=3" in done.stderr
