"""Servers and pods: situations for the checks of the group inside, and for the keys that pods hold.

What a pod of a check says is given here; the programs of these pods meet real servers in tests/airflow.
"""

from __future__ import annotations

import json
from typing import Any

from kitctl.errors import KitError
from kitctl.release import job_pod
from kitctl.release.preflight import image
from kitctl.tools.kube.objects import Pod
from kitctl.tools.process import Result
from kitctl.usecases.doctor.checks.release import keys
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.place import Place
from tests.unit.fake_doctor import LABELS, Cluster, World, case, deployment, namespace

PROCESSOR = deployment("dag-processor")
SERVER = deployment("api-server")
URL = {"name": "AIRFLOW__CELERY__BROKER_URL_CMD", "value": "python3 -IS /opt/airflow/kit/broker_url.py"}
ADDRESS = {"scheme": "redis", "host": "r", "port": 6379, "database": "0", "user": ""}


def saying(w: World, report: dict[str, Any] | None, *, runs: bool = True, **more: Any) -> Facts:
    """Let the pod of a check print a report, or have no image with None."""
    namespace(w)
    text = "ErrImagePull" if report is None else f"KITCTL-REPORT {json.dumps(report)}\n"
    w.patch.setattr(job_pod, "answer", lambda *_: text)
    return w.facts(pods_allowed=None, runs=runs, **more)


# Brokers.
def scheduler() -> dict[str, Any]:
    items = [{"key": "broker-password", "path": "broker-password"}]
    sources = [{"secret": {"name": "airflow-keys", "items": items}}]
    made = deployment(volumes=[{"name": "secrets", "projected": {"sources": sources}}])
    made["spec"]["template"]["spec"]["containers"][0]["env"] = [URL]
    return made


EXTERNAL = {"broker": {"kind": "external"}}
CELERY = [PROCESSOR, scheduler()]
WRONG = {"step": "open", "said": "WRONGPASS invalid password", "address": ADDRESS, "server": {}}


@case("broker", "ok", "redis://r:6379/0 can be used")
def _(w: World) -> Facts:
    return saying(w, {"step": "", "address": ADDRESS}, config=EXTERNAL, objects=CELERY)


@case("broker", "ok", "can be used")
def _(w: World) -> Facts:
    return saying(w, {"step": "", "address": ADDRESS}, objects=CELERY)


@case("broker", "error", "patch secret airflow-keys", error="broker-login-refused")
def _(w: World) -> Facts:
    return saying(w, WRONG, config=EXTERNAL, objects=CELERY, runs=False)


@case("broker", "error", "component in (redis,rabbitmq)", error="broker-login-refused")
def _(w: World) -> Facts:
    return saying(w, WRONG, objects=CELERY)


@case("broker", "error", "kitctl status", error="broker-unreachable")
def _(w: World) -> Facts:
    return saying(w, {**WRONG, "step": "connect"}, objects=CELERY)


@case("broker", "error", "kitctl up", error="broker-secret-incomplete")
def _(w: World) -> Facts:
    return saying(w, {"missing": ["broker-password"]}, objects=CELERY)


@case("broker", "warning", "was not asked: ErrImagePull")
def _(w: World) -> Facts:
    return saying(w, None, objects=CELERY)


@case("broker", "not-applicable", "No executor")
def _(w: World) -> Facts:
    return saying(w, WRONG, objects=[PROCESSOR, deployment()])


@case("broker", "not-applicable", "no release runs")
def _(w: World) -> Facts:
    return saying(w, WRONG, objects=CELERY, runs=False)


@case("broker", "not-applicable", "Another kitctl")
def _(w: World) -> Facts:
    facts = saying(w, WRONG, objects=CELERY)
    facts.seen["pods_allowed"] = locked
    return facts


def locked() -> None:
    raise KitError("release-locked", "Another kitctl is still working on the release airflow", fix="Wait")


# Databases.
def migrate() -> dict[str, Any]:
    items = [{"key": "postgres-password", "path": "postgres-password"}]
    secret = {"secret": {"name": "airflow-keys", "items": items}}
    spec = {
        "serviceAccountName": "airflow-migrate",
        "containers": [{"name": "migrate", "image": "a/b:1", "args": ["x"], "env": []}],
        "volumes": [{"name": "secrets", "projected": {"sources": [secret]}}],
    }
    labels = {**LABELS, "app.kubernetes.io/component": "migrate"}
    meta = {"name": "airflow-migrate-01234567", "labels": labels}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}}


POSTGRES = {**deployment("postgres"), "kind": "StatefulSet"}
THERE = {"host": "db", "port": "5432", "name": "airflow", "user": "airflow"}
REFUSED = {**THERE, "step": "login", "said": 'FATAL: password authentication failed for user "airflow"'}


@case("database", "ok", "PostgreSQL 17.6 at db:5432")
def _(w: World) -> Facts:
    return saying(w, {**THERE, "step": "", "said": "", "version": "17.6"}, objects=[migrate()], runs=False)


@case("database", "ok", "PostgreSQL 17.6")
def _(w: World) -> Facts:
    return saying(w, {**THERE, "step": "", "said": "", "version": "17.6"}, objects=[migrate(), POSTGRES])


@case("database", "error", "patch secret airflow-keys", error="database-login-refused")
def _(w: World) -> Facts:
    return saying(w, REFUSED, objects=[migrate()])


@case("database", "error", "Give back the Secret airflow-keys", error="database-login-refused")
def _(w: World) -> Facts:
    return saying(w, REFUSED, objects=[migrate(), POSTGRES])


@case("database", "warning", "the database was not asked")
def _(w: World) -> Facts:
    return saying(w, None, objects=[migrate()])


@case("database", "not-applicable", "does not run yet")
def _(w: World) -> Facts:
    return saying(w, REFUSED, objects=[migrate(), POSTGRES], runs=False)


@case("database", "not-applicable", "no migrate Job")
def _(w: World) -> Facts:
    return saying(w, REFUSED, objects=[PROCESSOR])


# Repositories.
GIT = {"dags": {"mode": "git", "git": {"repo": "https://git.test/dags.git"}}}
READ = {"code": 0, "said": "", "found": 1}


@case("repository", "ok", "https://git.test/dags.git has HEAD")
def _(w: World) -> Facts:
    return saying(w, {"results": [READ]}, config=GIT, objects=[PROCESSOR])


@case("repository", "error", error="git-login-refused")
def _(w: World) -> Facts:
    said = {"code": 128, "found": 0, "said": "fatal: Authentication failed for 'https://git.test/dags.git'"}
    return saying(w, {"results": [said]}, config=GIT, objects=[PROCESSOR])


@case("repository", "warning", "the image has no git")
def _(w: World) -> Facts:
    return saying(w, {"results": [{"no_git": True}]}, config=GIT, objects=[PROCESSOR])


@case("repository", "not-applicable")
def _(w: World) -> Facts:
    return saying(w, None, objects=[PROCESSOR])


# Stores of logs, auth managers.
LOGS = {"logs": {"remote": {"enabled": True}}}


def logging() -> dict[str, Any]:
    made = deployment("api-server")
    folder = {"name": "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "value": "s3://logs/airflow"}
    connection = {"name": "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID", "value": "kit_logs"}
    known = {"name": "AIRFLOW_CONN_KIT_LOGS", "value": "aws://"}
    made["spec"]["template"]["spec"]["containers"][0]["env"] = [folder, connection, known]
    return made


@case("log-store", "ok", "s3://logs/airflow")
def _(w: World) -> Facts:
    return saying(w, {"step": "", "said": ""}, config=LOGS, objects=[PROCESSOR, logging()])


@case("log-store", "error", error="remote-logs-bucket-missing")
def _(w: World) -> Facts:
    said = {"step": "write", "said": "NoSuchBucket: The specified bucket does not exist"}
    return saying(w, said, config=LOGS, objects=[PROCESSOR, logging()])


@case("log-store", "warning", "cloud identity")
def _(w: World) -> Facts:
    made = logging()
    env = made["spec"]["template"]["spec"]["containers"][0]["env"]
    made["spec"]["template"]["spec"]["containers"][0]["env"] = env[:1]
    return saying(w, None, config=LOGS, objects=[PROCESSOR, made])


@case("log-store", "not-applicable")
def _(w: World) -> Facts:
    return saying(w, None, objects=[PROCESSOR, logging()])


SETTINGS = {"airflowLocalSettings": {"text": "x = 1\n"}}


@case("auth-manager", "ok")
def _(w: World) -> Facts:
    return saying(w, {}, config=SETTINGS, objects=[PROCESSOR, SERVER])


@case("auth-manager", "error", "line 1", error="local-settings-invalid")
def _(w: World) -> Facts:
    return saying(w, {"syntax": "invalid syntax in line 1"}, config=SETTINGS, objects=[PROCESSOR, SERVER])


@case("auth-manager", "warning", "nobody can log in")
def _(w: World) -> Facts:
    return saying(w, {"away": "refused"}, config=SETTINGS, objects=[PROCESSOR, SERVER])


@case("auth-manager", "not-applicable")
def _(w: World) -> Facts:
    return saying(w, {}, objects=[PROCESSOR, SERVER])


# Images.
def started(w: World, phase: str, reason: str, text: str, name: str = "team/flow:1", **more: Any) -> Facts:
    pod = Pod("airflow-image-check", "airflow", "u", "image-check", phase, ready=False, restarts=0, reason=reason)
    w.patch.setattr(image, "_end", lambda *_: pod)
    w.fake.logs["airflow-image-check"] = text
    objects = [deployment(component, image=name) for component in ("dag-processor", "api-server")]
    return saying(w, None, objects=objects, **more)


@case("image", "ok", "team/flow:1 has Airflow 3.3.2")
def _(w: World) -> Facts:
    return started(w, "Succeeded", "", "AIRFLOW 3.3.2\n")


@case("image", "error", "2.10.5", error="image-too-old")
def _(w: World) -> Facts:
    return started(w, "Succeeded", "", "AIRFLOW 2.10.5\n")


@case("image", "error", "apache/airflow:3.3.2", error="image-pull-failed")
def _(w: World) -> Facts:
    return started(w, "Pending", "ErrImagePull", "", "apache/airflow:3.3.2")


@case("image", "warning", "Unschedulable")
def _(w: World) -> Facts:
    return started(w, "Pending", "Unschedulable", "")


@case("image", "not-applicable", "up builds the image")
def _(w: World) -> Facts:
    return started(w, "Succeeded", "", "", "kitctl.local/airflow:1")


@case("image", "ok")
def _(w: World) -> Facts:
    place = Place("node", Cluster(images=("kitctl.local/airflow:1",)), kube=w.fake.kube)
    return started(w, "Succeeded", "", "AIRFLOW 3.3.2\n", "kitctl.local/airflow:1", place=place)


@case("image", "not-applicable", "runs this image already")
def _(w: World) -> Facts:
    facts = started(w, "Succeeded", "", "")
    w.fake.add({**deployment("dag-processor", image="team/flow:1"), "status": {"readyReplicas": 1}})
    return facts


# Keys in pods.
def holding(w: World, *, changed: str = "2026-01-01T00:00:00Z", ok: bool = True, **held: str) -> Facts:
    """Two pods that hold the Secret's keys, except for what `held` says of the scheduler's."""
    for component in ("api-server", "scheduler"):
        labels = {**LABELS, "app.kubernetes.io/component": component}
        state = {"name": component, "state": {"running": {"startedAt": "2026-01-02T00:00:00Z"}}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{component}-0", "labels": labels}}
        w.fake.add({**pod, "spec": {}, "status": {"phase": "Running", "containerStatuses": [state]}})
    path = w.fake.add_secret("airflow-keys", {"fernet-key": "f", "jwt-secret": "j\n", "admin-password": "a"})
    entries = [("f:fernet-key", changed), ("f:admin-password", "2026-02-01T00:00:00Z")]
    w.fake.objects[path]["metadata"]["managedFields"] = [
        {"time": time, "fieldsV1": {"f:data": {key: {}}}} for key, time in entries
    ]

    def run(argv: list[str], **_: Any) -> Result:
        own = {"fernet-key": "f", "jwt-secret": "j", **(held if "scheduler-0" in argv else {})}
        return Result(0 if ok else 1, json.dumps({k: keys._fingerprint(argv[-2], v) for k, v in own.items()}), "")

    w.patch.setattr(keys, "run", run)
    w.patch.setattr(keys, "kubectl_argv", lambda *_: ["kubectl"])
    return w.facts()


@case("keys", "ok", "2 pods hold the same keys")
def _(w: World) -> Facts:
    return holding(w)


@case("keys", "error", "jwt-secret differs between api-server-0, the Secret and scheduler-0", "rollout restart")
def _(w: World) -> Facts:
    return holding(w, **{"jwt-secret": "older"})


@case("keys", "warning", "changed after these pods started: api-server-0, scheduler-0")
def _(w: World) -> Facts:
    return holding(w, changed="2026-01-03T00:00:00Z")


@case("keys", "not-applicable", "may not run commands")
def _(w: World) -> Facts:
    return holding(w, ok=False)


@case("keys", "not-applicable", "No release runs")
def _(w: World) -> Facts:
    return w.facts()
