"""Bad input: each mistake is told with an id, its cause and a way out, before anything on the cluster has changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from kitctl.errors import ExitCode
from tests.e2e.kit import CLUSTER, DAGS, Done, Kit, fresh_folder

Arguments = Callable[[Path], list[str | Path]]
FRESH = ("-n", "fresh", "--release", "fresh", "--node-port", "30819")


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes:
        error: Id that is told.
        code: Exit code.
        words: Words that message, cause or fix must hold: the name of what is wrong.
        argv: Arguments of kitctl, given a scratch folder.
    """

    error: str
    code: ExitCode
    words: tuple[str, ...]
    argv: Arguments


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _broken_dag(folder: Path) -> list[str | Path]:
    text = "import a_module_that_is_not_there\nfrom airflow.sdk import DAG\nDAG('broken')\n"
    _file(folder, "dags/broken.py", text)
    return ["up", "--dags", folder / "dags"]


def _values(text: str) -> Arguments:
    return lambda folder: ["up", "-f", _file(folder, "values.yaml", text)]


def _template(name: str, text: str) -> Arguments:
    return lambda folder: ["up", "--template-dir", _file(folder, f"templates/{name}", text).parents[name.count("/")]]


CASES = {
    "a DAG folder that is missing": Case(
        "dags-missing", ExitCode.PREFLIGHT, ("nowhere",), lambda f: ["up", "--dags", f / "nowhere"]
    ),
    "a DAG folder that is empty": Case(
        "dags-empty", ExitCode.PREFLIGHT, ("empty",), lambda f: ["up", "--dags", fresh_folder(f / "empty")]
    ),
    "a DAG that does not import": Case(
        "dag-import-failed", ExitCode.PREFLIGHT, ("broken.py", "a_module_that_is_not_there"), _broken_dag
    ),
    "requirements that are missing": Case(
        "requirements-missing",
        ExitCode.PREFLIGHT,
        ("nowhere.txt",),
        lambda f: ["up", "--dags", DAGS, "--requirements", f / "nowhere.txt"],
    ),
    "requirements that break Airflow's own pins": Case(
        "requirements-conflict",
        ExitCode.PREFLIGHT,
        ("pendulum", "==2.0.0", "3."),
        lambda f: ["up", "--dags", DAGS, "--requirements", _file(f, "requirements.txt", "pendulum==2.0.0\n")],
    ),
    "a namespace that Kubernetes refuses": Case(
        "namespace-name-invalid", ExitCode.USAGE, ("Not_A_Namespace",), lambda _: ["up", "-n", "Not_A_Namespace"]
    ),
    "a release name that Kubernetes refuses": Case(
        "release-name-invalid", ExitCode.USAGE, ("Not_A_Release",), lambda _: ["up", "--release", "Not_A_Release"]
    ),
    "a values file that is missing": Case(
        "values-missing", ExitCode.USAGE, ("nowhere.yaml",), lambda f: ["up", "-f", f / "nowhere.yaml"]
    ),
    "a values file that is no YAML": Case("values-invalid", ExitCode.USAGE, ("values.yaml",), _values("a: [b\n")),
    "an unknown key": Case(
        "values-unknown-key", ExitCode.PREFLIGHT, ("replicaz",), _values("scheduler: {replicaz: 2}\n")
    ),
    "a value of the wrong type": Case(
        "values-wrong-type", ExitCode.PREFLIGHT, ("replicas",), _values("scheduler: {replicas: two}\n")
    ),
    "a field of a container that Kubernetes does not know": Case(
        "object-refused",
        ExitCode.PREFLIGHT,
        ("Deployment", "scheduler", "comand"),
        _values("scheduler: {extraContainers: [{name: more, image: more, comand: [sleep]}]}\n"),
    ),
    "such a field in a release that is new": Case(
        "object-refused",
        ExitCode.PREFLIGHT,
        ("Deployment", "trigerer"),
        lambda f: ["up", *FRESH, "-f", _file(f, "values.yaml", "triggerer: {affinity: {trigerer: {}}}\n")],
    ),
    "a pod template that is no Jinja": Case(
        "template-invalid", ExitCode.USAGE, ("image.yaml.j2",), _template("pod_template/image.yaml.j2", "{% block %}")
    ),
    "an airflow.cfg that is no Jinja": Case(
        "template-invalid", ExitCode.USAGE, ("airflow.cfg.j2",), _template("airflow.cfg.j2", "{{ nothing_of_this }}")
    ),
    "an image without Airflow": Case(
        "image-no-airflow",
        ExitCode.PREFLIGHT,
        ("postgres",),
        lambda _: ["up", "--image", "docker.io/library/postgres:17"],
    ),
    "an image of the values without Airflow": Case(
        "image-no-airflow",
        ExitCode.PREFLIGHT,
        ("postgres", "--no-check-image"),
        _values('image: {repository: docker.io/library/postgres, tag: "17"}\n'),
    ),
    "an image that no node can pull": Case(
        "image-pull-failed",
        ExitCode.PREFLIGHT,
        ("nowhere.invalid/team/flow:1", "--no-check-image"),
        _values('image: {repository: nowhere.invalid/team/flow, tag: "1"}\n'),
    ),
    "an Airflow that is too old": Case(
        "image-too-old",
        ExitCode.PREFLIGHT,
        ("2.10.5", "3.2.2"),
        lambda _: ["up", "--image", "docker.io/apache/airflow:2.10.5"],
    ),
    "a context that is not there": Case(
        "context-missing", ExitCode.UNREACHABLE, ("nobody",), lambda _: ["status", "--context", "nobody"]
    ),
    "a NodePort that another release has": Case(
        "node-port-taken",
        ExitCode.PREFLIGHT,
        ("30809",),
        lambda _: ["up", "-n", "fresh", "--release", "fresh", "--node-port", "30809"],
    ),
    "a storage class that is not there": Case(
        "storage-class-missing",
        ExitCode.PREFLIGHT,
        ("gold",),
        lambda _: ["up", *FRESH, "--set", "postgres.storage.storageClass=gold"],
    ),
}


KINDS = "namespaces,secrets,configmaps,deployments,statefulsets,services,pvc,jobs"


def picture(kit: Kit) -> dict[str, str]:
    """Return the contents of all that an install could have made or changed."""
    found = {}
    items = kit.kubectl("get", KINDS, "-A", "-o", "json").ok().json["items"]
    # The namespace of a refused install is removed by then, which takes Kubernetes some seconds.
    going = {i["metadata"]["name"] for i in items if "deletionTimestamp" in i["metadata"] and i["kind"] == "Namespace"}
    left_out = {"kube-system", "kube-node-lease", "local-path-storage"} | going
    for item in items:
        meta = item["metadata"]
        # CronJobs start their Jobs by the clock, whatever a test does.
        by_the_clock = any(owner["kind"] == "CronJob" for owner in meta.get("ownerReferences") or [])
        goes = item["kind"] == "Namespace" and meta["name"] in going
        if not (by_the_clock or goes or meta.get("namespace") in left_out):
            found[f"{item['kind']}/{meta.get('namespace')}/{meta['name']}"] = json.dumps(
                item.get("spec") or item.get("data")
            )
    assert f"Namespace/None/{kit.namespace}" in found
    return found


def told(done: Done, error: str, code: ExitCode, words: tuple[str, ...] = ()) -> None:
    """Hold an error against what it must say."""
    assert done.code == code, f"ended with {done.code}, not {int(code)}:\n{done.out}\n{done.err[-3000:]}"
    found = done.error
    assert found["id"] == error, found
    assert found["message"], found
    assert found["fix"], found
    assert found["page"].endswith(f"#{error}"), found
    assert found["exit_code"] == code, found
    whole = " ".join(str(found[key]) for key in ("message", "cause", "fix"))
    assert [word for word in words if word not in whole] == [], whole


@pytest.mark.parametrize("name", CASES)
def test_is_refused_before_anything_changes(name: str, release: Kit, tmp_path: Path) -> None:
    case = CASES[name]
    before = picture(release)
    done = release(*case.argv(tmp_path), "-o", "json", timeout=240)
    told(done, case.error, case.code, case.words)
    assert picture(release) == before


def test_the_same_error_is_readable_for_people(release: Kit, tmp_path: Path) -> None:
    done = release("up", "--dags", tmp_path / "nowhere", timeout=60)
    assert done.out == ""
    for word in ("Error:", "[dags-missing]", "Fix:", "docs/errors.md#dags-missing"):
        assert word in done.err


def test_a_context_that_does_not_answer_is_told_quickly(release: Kit, tmp_path: Path) -> None:
    config = yaml.safe_load(Path(release.env["KUBECONFIG"]).read_text())
    for cluster in config["clusters"]:
        # Nothing listens there: the port of the discard service.
        cluster["cluster"]["server"] = "https://127.0.0.1:9"
    path = _file(tmp_path, "config", yaml.safe_dump(config))
    done = release(
        "status", "--kubeconfig", path, "--provider", "existing", "--context", CLUSTER, "-o", "json", timeout=30
    )
    told(done, "cluster-unreachable", ExitCode.UNREACHABLE, ("127.0.0.1:9",))
    assert done.seconds < 20


def test_a_context_without_rights_is_told_which_are_missing(release: Kit, tmp_path: Path) -> None:
    release.kubectl("create", "serviceaccount", "nobody", namespace="default").ok()
    try:
        token = release.kubectl("create", "token", "nobody", namespace="default").ok().out.strip()
        config = yaml.safe_load(Path(release.env["KUBECONFIG"]).read_text())
        for user in config["users"]:
            user["user"] = {"token": token}
        path = _file(tmp_path, "config", yaml.safe_dump(config))
        before = picture(release)
        words = ("--kubeconfig", path, "--provider", "existing", "--context", CLUSTER, "--yes", "-o", "json")
        done = release("deploy", *words, timeout=120)
        told(done, "forbidden", ExitCode.PREFLIGHT, ("kind: Role",))
        assert picture(release) == before
    finally:
        release.kubectl("delete", "serviceaccount", "nobody", namespace="default").ok()


def checks(done: Done) -> dict[str, dict[str, str]]:
    """Return the checks of a report of `doctor` by their IDs."""
    return {check["id"]: check for check in done.json["checks"]}


def test_doctor_finds_nothing_wrong_with_a_release_and_a_wrong_password_of_a_database_is_refused(
    release: Kit, tmp_path: Path
) -> None:
    before = picture(release)
    fine = release("doctor", "-o", "json", timeout=300)
    found = checks(fine)
    assert [check for check in found.values() if check["level"] == "error"] == []
    assert fine.code == 0
    assert {found[name]["status"] for name in ("database", "keys", "airflow-health", "pod-security")} == {"ok"}
    # The PostgreSQL of the release is an external one for these values.
    (service,) = release.get("services", "app.kubernetes.io/component=postgres")
    database = {
        "host": service["metadata"]["name"],
        "passwordSecret": {"name": "wrong", "key": "password"},
    }
    path = _file(tmp_path, "values.yaml", yaml.safe_dump({"postgres": {"enabled": False}, "database": database}))
    absent = checks(release("doctor", "-f", path, "-o", "json", timeout=300))["database"]
    assert absent["error"] == "database-secret-incomplete", absent
    release.kubectl("create", "secret", "generic", "wrong", "--from-literal=password=wrong").ok()
    try:
        done = release("doctor", "-f", path, "-o", "json", timeout=300)
        deploy = release("deploy", "-f", path, "-o", "json", timeout=300)
    finally:
        release.kubectl("delete", "secret", "wrong").ok()
    told(deploy, "database-login-refused", ExitCode.PREFLIGHT, ("patch secret wrong", "--no-check-database"))
    told_of = checks(done)["database"]
    assert (done.code, told_of["status"]) == (ExitCode.PREFLIGHT, "error"), told_of
    assert told_of["error"] == "database-login-refused"
    assert "patch secret wrong" in told_of["fix"]
    assert picture(release) == before


@pytest.fixture
def foreign(release: Kit, tmp_path: Path) -> Iterator[Kit]:
    """A release of somebody else's chart."""
    chart = tmp_path / "foreign"
    _file(chart, "Chart.yaml", "apiVersion: v2\nname: foreign\nversion: 1.0.0\n")
    _file(chart, "templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs}\n")
    kit = release.sibling("foreign", "airflow")
    kit.helm("install", "airflow", str(chart), "--create-namespace").ok()
    yield kit
    kit.kubectl("delete", "namespace", "foreign", "--timeout=60s", timeout=90).ok()


@pytest.mark.parametrize("verb", ["up", "down"])
def test_a_release_that_is_not_ours_is_left_alone(verb: str, foreign: Kit) -> None:
    before = picture(foreign)
    done = foreign(verb, "-o", "json", timeout=120)
    told(done, "release-not-ours", ExitCode.PREFLIGHT, ("foreign",))
    assert picture(foreign) == before


@pytest.fixture
def left_claim(release: Kit) -> Iterator[Kit]:
    """A namespace with the database claim of an older install, and without its keys."""
    kit = release.sibling("leftover", "leftover")
    kit.kubectl("create", "namespace", "leftover").ok()
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-leftover-airflow-postgres-0"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kit.kubectl("apply", "-f", "-", text=json.dumps(claim)).ok()
    yield kit
    kit.kubectl("delete", "namespace", "leftover", "--timeout=60s", timeout=90).ok()


def test_a_claim_of_an_install_with_another_password_is_found(left_claim: Kit) -> None:
    before = picture(left_claim)
    done = left_claim("up", "--node-port", "30820", "-o", "json", timeout=120)
    told(done, "claim-without-keys", ExitCode.PREFLIGHT, ("data-leftover-airflow-postgres-0", "delete pvc"))
    assert picture(left_claim) == before


def test_a_question_without_a_terminal_is_refused_and_names_the_flag(release: Kit) -> None:
    done = release("down", "--volumes", "-o", "json", timeout=60, env={"KITCTL_YES": "false"})
    told(done, "confirmation-needed", ExitCode.PREFLIGHT, ("--yes",))
    assert release("status", "-o", "json").ok().json["healthy"] is True
