"""What users add to a release reaches the pods that run: requirements, templates, configuration; and a push keeps it.

Before that, the check of DAGs in the very image: what it finds there, no reading of files can tell.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kitctl.errors import ExitCode
from kitctl.model.versions import data_dir
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git.stories import SEEN, SMALL, remove, result, seen, up, values_file
from tests.e2e.kit import Kit, finish, start_run

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]

SHAPES = """
import os
from airflow.sdk import dag, task
from airflow.sdk.configuration import conf

@dag(schedule=None, tags=["VERSION"])
def shapes():
    @task
    def tell():
        import cowsay
        names = ("FROM_BLOCK", "FROM_OWN")
        options = (("operators", "default_queue"), ("core", "default_task_retry_delay"))
        found = [os.environ.get(name, "") for name in names] + [conf.get(*option) for option in options]
        return [*found, cowsay.__version__]
    tell()
    tell.override(
        task_id="own", executor_config={"pod_template_file": "/opt/airflow/pod_templates/own.yaml"}
    )()

shapes()
"""
CHECKED = {
    "absent.py": "from airflow.sdk import DAG\nimport a_package_that_nobody_has\n",
    "circle.py": (
        "from airflow.sdk import DAG\n"
        "from airflow.providers.standard.operators.empty import EmptyOperator\n"
        "with DAG('circle'):\n"
        "    a, b = EmptyOperator(task_id='a'), EmptyOperator(task_id='b')\n"
        "    a >> b >> a\n"
    ),
    "first.py": "from airflow.sdk import DAG\ndag = DAG('twin')\n",
    "second.py": "from airflow.sdk import DAG\ndag = DAG('twin')\n",
    "base.py": (
        "from airflow.sdk import DAG\n"
        "from airflow.providers.standard.operators.empty import EmptyOperator\n"
        "from kubernetes.client import models as k8s\n"
        "pod = k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container(name='mine')]))\n"
        "with DAG('based'):\n"
        "    EmptyOperator(task_id='a', executor_config={'pod_override': pod})\n"
        "    file = {'pod_template_file': '/opt/airflow/pod_templates/nobody.yaml'}\n"
        "    EmptyOperator(task_id='b', executor_config=file)\n"
    ),
    "fine.py": "from airflow.sdk import DAG\ndag = DAG('fine')\n",
}
ODD = "p@ss w:rd/%41$(HOME)${x}\\'\"`#?&+=,;é "
"""What shells, URLs, INI files, SQL and Kubernetes' own `$(…)` would each read in another way than it is meant."""
KEYS = {
    "postgres-password": f"db {ODD}",
    "admin-password": f"admin {ODD}",
    "jwt-secret": f"jwt {ODD}" + "x" * 64,
    "api-secret-key": f"api {ODD}",
}
"""Keys of the user, who made the Secret first; the kit adds those that are missing and changes none."""


HOOKS = """
from kubernetes.client import models as k8s

def pod_mutation_hook(pod):
    pod.spec.containers[0].env.append(k8s.V1EnvVar(name="FROM_BLOCK", value="a hook"))
"""
PLUGIN = """
from airflow.plugins_manager import AirflowPlugin

class House(AirflowPlugin):
    name = "house"
"""
JANE = "jane's $HOME, ü:"


@pytest.fixture(scope="module")
def mine(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A small release of its own, not made yet, with a whole template and an option of its own."""
    text = (data_dir("chart") / "files" / "pod_templates" / "image.yaml").read_text()
    own = text.replace("    env:\n", "    env:\n    - {name: FROM_OWN, value: own template}\n")
    assert own != text
    values = {
        **SMALL,
        "dags": {"refreshSeconds": 5},
        "config": {"core": {"default_task_retry_delay": 123}},
        "workers": {**SMALL["workers"], "templates": {"own": own}},
    }
    shaped = kit.sibling("e2e-shapes", "shapes")
    file = values_file(tmp_path_factory.mktemp("values"), values)
    shaped.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30838"}
    shaped.kubectl("create", "namespace", shaped.namespace, namespace="default").ok()
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shapes-airflow-keys"}, "stringData": KEYS}
    shaped.kubectl("create", "-f", "-", text=json.dumps(body)).ok()
    yield shaped
    remove(shaped)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DAG, requirements and templates of a user."""
    root = tmp_path_factory.mktemp("user")
    (root / "dags").mkdir()
    (root / "dags" / "shapes.py").write_text(SHAPES.replace("VERSION", "first"))
    (root / "requirements.txt").write_text("cowsay==6.1\n")
    pods = root / "templates" / "pod_template"
    pods.mkdir(parents=True)
    (pods / "image.yaml.j2").write_text(
        '{% extends "kit/pod_template/image.yaml.j2" %}\n'
        "{% block env %}{{ super() }}\n    - {name: FROM_BLOCK, value: a block}{% endblock %}\n"
    )
    (root / "templates" / "airflow.cfg.j2").write_text(
        '{% extends "kit/airflow.cfg.j2" %}\n'
        "{% block extra %}[operators]\ndefault_queue = from-the-user\n{% endblock %}\n"
    )
    return root


def tells(api: AirflowApi, version: str, block: tuple[str, str] = ("a block", "")) -> None:
    """Run the DAG: both of its pods must have what the user added, the second by a template of its own."""
    seen(api, version, "shapes")
    run_id = start_run(api, "shapes", timeout=SEEN)
    assert finish(api, "shapes", run_id, timeout=240) == "success"
    added = ["from-the-user", "123", "6.1"]
    assert result(api, run_id, "tell", "shapes") == [block[0], "", *added]
    assert result(api, run_id, "own", "shapes") == [block[1], "own template", *added]


def test_what_the_user_added_is_in_the_pods_that_run(mine: Kit, folder: Path) -> None:
    words = ["--requirements", folder / "requirements.txt", "--template-dir", folder / "templates"]
    tells(up(mine, "--dags", folder / "dags", *words), "first")


def test_keys_that_the_user_made_are_kept_to_the_byte(mine: Kit) -> None:
    held = mine.kubectl("get", "secret", "shapes-airflow-keys", "-o", "json").ok().json["data"]
    kept = {key: base64.b64decode(held[key]).decode() for key in KEYS}
    assert kept == KEYS
    assert set(held) == {*KEYS, "fernet-key", "broker-password", "flower-password"}
    assert mine("credentials", "-o", "json").ok().json["password"] == KEYS["admin-password"]


def test_a_push_keeps_all_of_it(mine: Kit, folder: Path) -> None:
    (folder / "dags" / "shapes.py").write_text(SHAPES.replace("VERSION", "second"))
    done = mine("dags", "push", folder / "dags", "-o", "json", timeout=600).ok().json
    assert done["mode"] == "image"
    images = {c["image"] for p in mine.pods("dag-processor") for c in p["spec"]["containers"]}
    assert done["image"] in images
    tells(mine.api(), "second")


def test_dags_are_checked_in_the_image_that_runs(mine: Kit, folder: Path, tmp_path: Path) -> None:
    done = mine("dags", "check", folder / "dags", "-o", "json", timeout=300).ok().json
    assert (done["ok"], [d["dag_id"] for d in done["dags"]]) == (True, ["shapes"])
    running = {c["image"] for p in mine.pods("dag-processor") for c in p["spec"]["containers"]}
    assert done["image"] in running
    for name, text in CHECKED.items():
        (tmp_path / name).write_text(text)
    done = mine("dags", "check", tmp_path, "-o", "json", timeout=300)
    found = {(f["file"], f["rule"]) for f in done.json["findings"]}
    assert done.code == 1
    assert found == {
        ("absent.py", "dag-import-error"),
        ("circle.py", "dag-cycle"),
        ("second.py", "dag-duplicate-id"),
        ("base.py", "pod-override-base"),
        ("base.py", "pod-template-unknown"),
    }
    assert "fine" in {d["dag_id"] for d in done.json["dags"]}


@pytest.fixture(scope="module")
def extended(mine: Kit) -> dict[str, Any]:
    """The values of a release with SimpleAuthManager, hooks, and plugins of a claim, which is filled."""
    image = next(c["image"] for p in mine.pods("dag-processor") for c in p["spec"]["containers"])
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Mi"}}}
    safe = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    write = ["sh", "-c", 'mkdir -p /p/prod && printf "%s" "$0" > /p/prod/house.py', PLUGIN]
    writer = {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": 50000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "write",
                "image": image,
                "command": write,
                "securityContext": safe,
                "volumeMounts": [{"name": "p", "mountPath": "/p"}],
            }
        ],
        "volumes": [{"name": "p", "persistentVolumeClaim": {"claimName": "plugins"}}],
    }
    passwords = {"passwords.json": json.dumps({"jane": JANE})}
    for body in (
        {"kind": "Secret", "metadata": {"name": "passwords"}, "stringData": passwords},
        {"kind": "PersistentVolumeClaim", "metadata": {"name": "plugins"}, "spec": claim},
        {"kind": "Pod", "metadata": {"name": "write-plugins"}, "spec": writer},
    ):
        mine.kubectl("create", "-f", "-", text=json.dumps({"apiVersion": "v1", **body})).ok()
    phase = "--for=jsonpath={.status.phase}=Succeeded"
    mine.kubectl("wait", phase, "pod/write-plugins", "--timeout=90s", timeout=100).ok()
    before = json.loads(Path(mine.env["KITCTL_VALUES"]).read_text())
    simple = {"users": {"jane": "viewer"}, "passwordsSecret": {"name": "passwords"}}
    return {
        **before,
        "auth": {"manager": "simple", "simple": simple},
        "airflowLocalSettings": {"text": HOOKS},
        "plugins": {"existingClaim": "plugins", "subPath": "prod"},
    }


def test_hooks_that_are_no_python_change_nothing(mine: Kit, extended: dict[str, Any], tmp_path: Path) -> None:
    broken = {**extended, "airflowLocalSettings": {"text": f"{HOOKS}\ndef task_policy(task):\npass\n"}}
    before = mine.helm("history", mine.release, "-o", "json").ok().json
    done = mine("up", "-o", "json", timeout=600, env={"KITCTL_VALUES": str(values_file(tmp_path, broken))})
    assert (done.code, done.error["id"]) == (ExitCode.PREFLIGHT, "local-settings-invalid")
    assert "line 8" in done.error["cause"]
    assert mine.helm("history", mine.release, "-o", "json").ok().json == before


def test_another_auth_manager_hooks_and_plugins_reach_the_pods(
    mine: Kit, folder: Path, extended: dict[str, Any], tmp_path: Path
) -> None:
    env = {"KITCTL_VALUES": str(values_file(tmp_path, extended))}
    mine("up", "--no-smoke", "--template-dir", folder / "templates", timeout=600, env=env).ok()
    told = mine("credentials", "-o", "json").ok().json
    assert (told["auth_manager"], told["log_in"]) == ("simple", "with a name and a password")
    assert told["password"] == KEYS["admin-password"]
    tells(mine.api(), "second", ("a hook", "a hook"))
    jane = AirflowApi(told["url"], "jane", lambda: JANE)
    assert "shapes" in {dag["dag_id"] for dag in jane.dags()}
    assert jane.send("PATCH", "/api/v2/dags/shapes", json={"is_paused": True}).status_code == httpx.codes.FORBIDDEN
    guess = {"username": "jane", "password": "jane"}
    assert httpx.post(f"{told['url']}/auth/token", json=guess).status_code == httpx.codes.UNAUTHORIZED
    for component in ("api-server", "scheduler", "dag-processor"):
        assert "house" in mine("exec", component, "--", "airflow", "plugins").ok().out, component
    status = mine("status", "-o", "json").ok().json
    assert (status["auth_manager"], status["problems"]) == ("simple", [])
