"""`kitctl dags check` refuses what the API server would: Airflow completes the pod of each task, kitctl judges it."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from kitctl.model.settings import Settings
from kitctl.usecases.dags import against, check
from tests.airflow import local

SHAPES = """
from airflow.sdk import DAG, task
from kubernetes.client import models as k8s


def pod(metadata=None, volumes=None, **container):
    spec = k8s.V1PodSpec(containers=[k8s.V1Container(name="base", **container)], volumes=volumes)
    return {"pod_override": k8s.V1Pod(metadata=metadata, spec=spec)}


def resources(**given):
    return pod(resources=k8s.V1ResourceRequirements(**given))


def mount(name, path):
    return [k8s.V1VolumeMount(name=name, mount_path=path)]


def work(x=None):
    return x

"""
TASKS = {
    "unit": ('resources(requests={"memory": "2GB"})', "'2GB' is not a quantity"),
    "milli": ('resources(requests={"memory": "4Gi"}, limits={"memory": "2Gi"})', "4Gi is above the limit 2Gi"),
    "image": ('pod(image="Registry/Etl:1")', "'Registry/Etl:1' is not an image reference"),
    "env": ('pod(env=[k8s.V1EnvVar(name="A", value=1)])', "must be a text, not 1"),
    "lost": ('pod(volume_mounts=mount("nowhere", "/data"))', "there is no volume 'nowhere'"),
    "twice": ('pod(volume_mounts=mount("tmp", "/tmp"))', "two mounts have this path"),
    "volume": ('pod(volumes=[k8s.V1Volume(name="tmp", empty_dir={})])', "two volumes have this name"),
    "action": ('pod(volumes=[k8s.V1Volume(name="{{ ds }}", empty_dir={})])', "was not replaced"),
}
WARNED = {
    "host": ('pod(volumes=[k8s.V1Volume(name="h", host_path={"path": "/"})])', "spec.volumes"),
    "database": ('pod(env=[k8s.V1EnvVar(name="AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", value="x")])', "do not use the"),
    "label": ('pod(metadata=k8s.V1ObjectMeta(labels={"dag_id": "x"}))', "metadata.labels.dag_id"),
    "name": ('pod(metadata=k8s.V1ObjectMeta(name="mine"))', "metadata.name: is the same for each try"),
}
SOUND = {
    "numbers": 'resources(requests={"cpu": 0.5, "memory": 1073741824})',
    "share": 'pod(volume_mounts=mount("tmp", "/data"), env=[k8s.V1EnvVar(name="A", value="{{ ds }}")])',
}


def judged(folder: Path, *sets: str) -> list[tuple[str, str, str]]:
    """Return (severity, rule, message) of the findings of the folder."""
    settings = Settings(sets=sets)
    options = against.against(
        settings, lambda _: None, reference="airflow", requirements=None, import_files=True, executors="", jobs=2
    )
    report = check.check(folder, options, lambda _: None)
    return [(str(f.severity), f.rule, f.message) for f in report.findings]


def test_a_broken_pod_of_a_task_is_found_and_a_sound_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.use(monkeypatch)
    listed = {name: config for name, (config, _) in (TASKS | WARNED).items()} | SOUND
    lines = [f'    task(task_id="{name}", executor_config={config})(work)()' for name, config in listed.items()]
    (tmp_path / "shapes.py").write_text(SHAPES + 'with DAG("shapes", schedule=None):\n' + "\n".join(lines))
    found = judged(tmp_path)
    for wanted, level in ((TASKS, "error"), (WARNED, "warning")):
        for name, (_, words) in wanted.items():
            start = f"Task {name} of shapes: "
            assert [f for f in found if f[2].startswith(start) and words in f[2] and f[0] == level], (name, found)
    assert not [f for f in found if f[2].startswith(tuple(f"Task {name} " for name in SOUND))]
    assert {rule for _, rule, _ in found} == {"pod-override-invalid"}


FORMS = """
BAD = resources(requests={"memory": "2GB"})

with DAG("by_default", schedule=None, default_args={"executor_config": BAD}):
    task(task_id="a")(work)()
    task(task_id="b")(work)()

with DAG("mapped", schedule=None):
    task(task_id="m")(work).override(executor_config=BAD).expand(x=[1])
    task(task_id="p", executor_config=BAD)(work).expand(x=[1, 2])

with DAG("profile", schedule=None):
    BIG = {"pod_template_file": "/opt/airflow/pod_templates/big.yaml"}
    few = resources(requests={"memory": "3Gi"}, limits={"memory": "2Gi"})
    task(task_id="t", executor_config={**few, **BIG})(work)()
"""


def test_each_form_of_executor_config_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    (tmp_path / "forms.py").write_text(SHAPES + FORMS)
    found = judged(tmp_path, "workers.profiles.big.nodeSelector.a=b")
    assert sorted(message.partition(": ")[0] for _, _, message in found) == [
        "Task a of by_default and 1 more",
        "Task m of mapped and 1 more",
        "Task t of profile",
    ]


def test_without_helm_only_the_override_itself_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kitctl.tools import toolbox  # noqa: PLC0415

    local.use(monkeypatch)
    real = toolbox.find
    monkeypatch.setattr(toolbox, "find", lambda program: None if program == "helm" else real(program))
    names = ("unit", "lost")
    lines = [f'    task(task_id="{name}", executor_config={TASKS[name][0]})(work)()' for name in names]
    (tmp_path / "shapes.py").write_text(SHAPES + 'with DAG("shapes", schedule=None):\n' + "\n".join(lines))
    assert [message.partition(":")[0] for _, _, message in judged(tmp_path)] == ["Task unit of shapes"]


def test_files_of_an_archive_are_named_by_both_views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    with ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("good.py", "from airflow.sdk import DAG\nfrom lib.x import X\nd = DAG('good', schedule=X)\n")
        packed.writestr("lib/__init__.py", "")
        packed.writestr("lib/x.py", "X = None\n")
        packed.writestr("bad.py", "from airflow.sdk import DAG\nimport nowhere\n")
    options = against.against(
        Settings(), lambda _: None, reference="airflow", requirements=None, import_files=True, executors="", jobs=2
    )
    report = check.check(tmp_path, options, lambda _: None)
    assert [(dag.dag_id, dag.file) for dag in report.dags] == [("good", "packed.zip/good.py")]
    assert [(f.file, f.line, f.rule) for f in report.findings] == [("packed.zip/bad.py", 2, "dag-import-error")]


QUEUED = """
from airflow.sdk import DAG, task
from airflow.providers.standard.operators.empty import EmptyOperator

@task
def work(x=None):
    return x

with DAG("queued", schedule=None):
    work.override(task_id="plain")()
    work.override(task_id="served", queue="big")()
    work.override(task_id="lost", queue="huge")()
    EmptyOperator(task_id="operator", queue="huge")
    work.override(task_id="mapped", queue="odd").expand(x=[1, 2])
    work.override(task_id="in_pod", queue="huge", executor="KubernetesExecutor")()
    work.override(task_id="by_alias", queue="alias", executor="fast")()

with DAG("by_default", schedule=None, default_args={"queue": "args", "executor": "CeleryExecutor"}):
    work.override(task_id="a")()
"""
LISTED = "executors={KubernetesExecutor,fast:CeleryExecutor}"
GROUP = "workers.celery.groups[0].name=big,workers.celery.groups[0].queues={big}"


def queued(folder: Path, *sets: str) -> set[str]:
    """Return what the check says of queues in QUEUED."""
    (folder / "queued.py").write_text(QUEUED)
    found = judged(folder, *sets)
    assert {rule for _, rule, _ in found} <= {"queue-unserved"}, found
    assert {severity for severity, _, _ in found} <= {"error"}
    return {message.replace("no Celery worker serves the queue ", "").partition(",")[0] for _, _, message in found}


def test_a_celery_task_whose_queue_nobody_serves_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    by_default = "executors={fast:CeleryExecutor,KubernetesExecutor}"
    args = "Task a of by_default: 'args'"
    assert queued(tmp_path, LISTED, GROUP) == {"Task by_alias of queued: 'alias'", args}
    lost = {"Task lost of queued and 1 more: 'huge'", "Task mapped of queued: 'odd'"}
    assert queued(tmp_path, by_default, GROUP) == {"Task by_alias of queued: 'alias'", args} | lost
    renamed = queued(
        tmp_path, by_default, GROUP, "config.operators.default_queue=main", "workers.celery.queues={other}"
    )
    assert renamed == {"Task plain of queued: 'main'", "Task by_alias of queued: 'alias'", args} | lost


def test_an_executor_that_the_release_does_not_have_is_found_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.use(monkeypatch)
    sets = ("executors={CeleryExecutor}", "workers.celery.queues={default,big,huge,odd,args,alias}")
    (tmp_path / "queued.py").write_text(QUEUED)
    assert {(severity, rule) for severity, rule, _ in judged(tmp_path, *sets)} == {("error", "executor-unknown")}
    # What the text does not show, Airflow finds when it imports the file.
    hidden = QUEUED.replace(', executor="fast"', "").replace('executor="KubernetesExecutor"', 'executor="fa" + "st"')
    (tmp_path / "queued.py").write_text(hidden)
    found = judged(tmp_path, *sets)
    assert [(rule, "fast" in message) for _, rule, message in found] == [("executor-unknown", True)]


OPERATORS = {
    "plain": ("", ""),
    "as_user": ("security_context={'runAsUser': 1000},", ""),
    "root": ("security_context={'runAsUser': 0},", "user 0"),
    "net": ("hostnetwork=True,", "the host's network"),
    "privileged": ("container_security_context=k8s.V1SecurityContext(privileged=True),", "privileged: true"),
    "adds": (
        "container_security_context=k8s.V1SecurityContext(capabilities=k8s.V1Capabilities(add=['SYS_ADMIN'])),",
        "the capabilities SYS_ADMIN",
    ),
    "host": ("volumes=[k8s.V1Volume(name='h', host_path=k8s.V1HostPathVolumeSource(path='/x'))],", "the hostPath /x"),
    "abroad": ("hostnetwork=True, in_cluster=False,", ""),
}


def test_pods_that_restricted_refuses_whatever_the_policy_adds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    lines = ["from airflow.sdk import DAG", "from kubernetes.client import models as k8s"]
    lines += ["from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator as Pod"]
    lines += ["with DAG('launches', schedule=None):"]
    lines += [f"    Pod(task_id={name!r}, image='x', {words})" for name, (words, _) in OPERATORS.items()]
    lines += ["    Pod.partial(task_id='mapped', image='x', hostnetwork=True).expand(arguments=[['a'], ['b']])"]
    (tmp_path / "launches.py").write_text("\n".join(lines), encoding="utf-8")
    messages = [message for _, rule, message in judged(tmp_path) if rule == "operator-pod-privileged"]
    for name, (_, words) in {**OPERATORS, "mapped": ("", "the host's network")}.items():
        about = [message for message in messages if f"Task {name} of launches" in message]
        assert len(about) == bool(words), (name, messages)
        assert not words or words in about[0]
