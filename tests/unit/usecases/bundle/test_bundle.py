"""A support archive has what a helper needs, and no value of a Secret, wherever somebody printed one."""

import base64
import errno
import json
import stat
import tarfile
from contextlib import nullcontext
from urllib.parse import quote

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import Result
from kitctl.usecases.bundle import archive, bundle, kube_objects, secrets
from kitctl.usecases.bundle.bundle import write_bundle
from kitctl.usecases.doctor.doctor import Diagnosis
from kitctl.usecases.doctor.findings import Report
from tests.unit.fake_release import FakeApi, add_pod, add_release, labels, make_release

PASSWORD, TOKEN, KEY = "p$%ä-admin", "glpat/odd+token", "a-git-key-of-mine"
VALUES = {"workers": {"namespace": "tasks"}, "env": [{"name": "MY_TOKEN", "value": "typed-by-hand"}]}


class Steps:
    def __init__(self):
        self.notes = []

    def step(self, name):
        return nullcontext()

    def note(self, line):
        self.notes.append(line)


class Api(FakeApi):
    def failed_runs(self, limit):
        return [{"dag_id": "etl", "dag_run_id": "manual__2026-01-01T00:00:00+00:00"}]

    def task_instances(self, dag, run):
        one = {"task_id": "load", "try_number": 2, "map_index": -1}
        return [{**one, "state": "failed"}, {**one, "task_id": "good", "state": "success"}]

    def task_log(self, dag, run, task, number, index):
        return [{"event": f"cannot log in with {TOKEN}", "level": "error"}, f"try {number}"], None


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """Stand for the programs, and for the doctor, which has tests of its own."""
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)
    monkeypatch.setattr(bundle, "run", lambda *_, **__: Result(0, "v1", ""))
    monkeypatch.setattr(kube_objects, "run", lambda *_, **__: Result(0, f"Environment:\n  TOKEN: {TOKEN}\n", ""))
    report = Report(True, "existing", "test", "deploy", False, [])
    monkeypatch.setattr(bundle, "diagnose", lambda *_: Diagnosis(report))


@pytest.fixture
def there(fake):
    add_release(fake)
    mine = {k: v for k, v in labels("x").items() if "component" not in k}
    fake.add_secret("airflow-keys", {"admin-password": PASSWORD, "name": "airflow"}, mine)
    fake.add_secret("by-hand", {"token": f"{TOKEN}\n"})
    env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "by-hand", "key": "token"}}}]
    env += [{"name": "AIRFLOW__CORE__PARALLELISM", "value": "64"}]
    scheduler = fake.objects["/apis/apps/v1/namespaces/airflow/deployments/airflow-scheduler"]
    scheduler["spec"]["template"]["spec"]["containers"][0]["env"] = env
    template = {"kind": "Pod", "spec": {"volumes": [{"name": "git", "secret": {"secretName": "git"}}]}}
    data = {"airflow.cfg": "[core]\nparallelism = 32\nfernet_key = x\n", "default.yaml": yaml.safe_dump(template)}
    fake.add(
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "cfg", "labels": labels("x")}, "data": data}
    )
    coded = base64.b64encode(KEY.encode()).decode()
    fake.add({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "git"}, "data": {"key": coded}}, "tasks")
    manifest = f"# app.kubernetes.io/part-of: airflow-kit\n{yaml.safe_dump(scheduler)}"
    fake.add_record("deployed", manifest=manifest, config=VALUES)
    status = {
        "containerStatuses": [{"name": "scheduler", "restartCount": 1}],
        "initContainerStatuses": [{"name": "wait"}],
    }
    add_pod(fake, "scheduler", "airflow-scheduler-0", status=status)
    return fake


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def read(file):
    """Return the texts of an archive by their names below its folder."""
    with tarfile.open(file) as tar:
        return {m.name.partition("/")[2]: tar.extractfile(m).read().decode() for m in tar.getmembers()}


@pytest.fixture
def written(there, tmp_path):
    def write(**more):
        file = tmp_path / "support.tar.gz"
        return write_bundle(make_release(there, api=Api(), **more), file, Steps()), read(file)

    return write


def test_it_has_what_a_helper_asks_for(written):
    report, texts = written()
    assert {
        *("README.txt", "versions.yaml", "status.yaml", "doctor.yaml"),
        *("helm/values.yaml", "helm/manifest.yaml", "helm/history.yaml"),
        "airflow-cfg/airflow-scheduler.cfg",
        "objects/deployment/airflow/airflow-scheduler.yaml",
        "objects/secret/airflow/airflow-keys.yaml",
    } <= set(texts)
    assert report.missing == []
    assert {part.name: part.files for part in report.contents}["helm"] == 3
    assert "release airflow in the namespace airflow" in texts["README.txt"]
    assert report.bytes > 0


@pytest.mark.parametrize(
    "said",
    [PASSWORD, TOKEN, KEY, quote(TOKEN, safe=""), base64.b64encode(PASSWORD.encode()).decode(), json.dumps(PASSWORD)],
)
def test_a_secret_that_was_logged_is_hidden(written, there, said):
    there.logs["airflow-scheduler-0"] = f"connecting as {said}\nfine"
    _, texts = written()
    log = texts["logs/airflow/airflow-scheduler-0/scheduler.log"]
    assert log.replace('"', "") == "connecting as ***\nfine\n"


def test_no_value_of_a_secret_is_anywhere(written, there):
    # Of its own Secrets, of those that its pods name, and of those of worker pods in another namespace.
    there.logs["airflow-scheduler-0"] = f"{PASSWORD} {TOKEN} {KEY}"
    report, texts = written()
    found = [(name, value) for name, text in texts.items() for value in (PASSWORD, TOKEN, KEY) if value in text]
    assert found == []
    assert report.secrets == 3
    assert report.hidden >= 3


def test_a_name_of_the_release_is_not_hidden_and_told_outside_of_the_archive_only(written):
    report, texts = written()
    assert report.not_hidden == ["airflow/airflow-keys name"]
    assert "airflow-keys name" not in texts["README.txt"]
    assert "airflow" in texts["status.yaml"]


def test_what_is_a_secret_by_its_name_is_hidden_in_values_and_airflow_cfg(written):
    _, texts = written()
    assert yaml.safe_load(texts["helm/values.yaml"])["env"] == [{"name": "MY_TOKEN", "value": "***"}]
    cfg = texts["airflow-cfg/airflow-scheduler.cfg"]
    assert "fernet_key = ***" in cfg
    assert "parallelism = 64" in cfg, "the variable wins over the file"


def test_of_a_secret_only_names_and_keys_are_in_it(written):
    _, texts = written()
    assert yaml.safe_load(texts["objects/secret/airflow/airflow-keys.yaml"])["data"] == {
        "admin-password": "***",
        "name": "***",
    }
    held = kube_objects.without_secrets({"kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": "v"}})
    assert held["data"] == {"k": "***"}


def test_logs_of_all_containers_and_of_those_before_a_restart(written, there):
    there.logs["airflow-scheduler-0"] = "line"
    _, texts = written()
    assert {name.rpartition("/")[2] for name in texts if name.startswith("logs/airflow/airflow-scheduler-0/")} == {
        *("scheduler.log", "scheduler.previous.log", "wait.log")
    }


def test_the_log_of_a_failed_task_is_in_it(written):
    _, texts = written()
    (name,) = [name for name in texts if name.startswith("task-logs/")]
    assert name == "task-logs/etl/manual__2026-01-01T00_00_00_00_00/load.log"
    assert texts[name] == "ERROR cannot log in with ***\ntry 2\n"


def test_it_belongs_to_its_writer_alone(written, tmp_path):
    written()
    assert stat.S_IMODE((tmp_path / "support.tar.gz").stat().st_mode) == 0o600
    with tarfile.open(tmp_path / "support.tar.gz") as tar:
        assert {member.mode for member in tar.getmembers()} == {0o600}
        assert {member.name.partition("/")[0] for member in tar.getmembers()} == {"support"}


@pytest.mark.parametrize("how", ["the list", "one of them"])
def test_secrets_that_cannot_be_read_end_it(there, tmp_path, monkeypatch, how):
    if how == "the list":
        there.denied.add(("list", "secrets"))
    else:
        there.denied.add(("list", "secrets/by-hand"))
    with pytest.raises(KitError) as raised:
        write_bundle(make_release(there, api=Api()), tmp_path / "a.tar.gz", Steps())
    assert (raised.value.id, raised.value.code) == ("bundle-secrets-unreadable", ExitCode.PREFLIGHT)
    assert "kind: Role" in raised.value.fix
    assert names(tmp_path) == []


def test_what_else_cannot_be_read_is_told_and_costs_nothing_more(written, there):
    there.denied |= {("list", "nodes"), ("list", "services")}
    report, texts = written()
    assert any("Service of the namespace airflow" in line for line in report.missing)
    assert any(line.startswith("Nodes: ") for line in report.missing)
    assert "The right to list nodes" in texts["README.txt"]
    assert "helm/values.yaml" in texts


def test_a_part_with_a_bug_costs_nothing_more(written, monkeypatch):
    def bug(*_):
        raise KeyError("no such thing")

    monkeypatch.setattr(bundle, "read_status", bug)
    report, texts = written()
    assert [line for line in report.missing if line.startswith("Status: a bug")]
    assert "doctor.yaml" in texts


def test_without_a_release_there_is_nothing_to_write(fake, tmp_path):
    with pytest.raises(KitError) as raised:
        write_bundle(make_release(fake), tmp_path / "a.tar.gz", Steps())
    assert raised.value.id == "release-missing"
    assert names(tmp_path) == []


def test_a_long_log_keeps_its_end(written, there, monkeypatch):
    monkeypatch.setattr(archive, "FILE_BYTES", 2000)
    there.logs["airflow-scheduler-0"] = "\n".join(f"line {n}" for n in range(1000))
    _, texts = written()
    log = texts["logs/airflow/airflow-scheduler-0/scheduler.log"]
    assert log.startswith("... the beginning is left out ...\nline ")
    assert log.endswith("line 999\n")
    assert len(log) < 2100


def test_kubernetes_is_asked_for_so_many_lines_and_bytes_only(written, there, monkeypatch):
    asked = []
    answer = there.answer
    monkeypatch.setattr(there, "answer", lambda request: asked.append(str(request.url)) or answer(request))
    written()
    logs = [url for url in asked if "/log?" in url]
    assert logs
    assert all("tailLines=5000" in url and "limitBytes=" in url for url in logs)


def test_a_line_that_kubernetes_cut_is_left_out(written, there, monkeypatch):
    # Half of a value at its end would not be hidden.
    monkeypatch.setattr(kube_objects, "_LOG_BYTES", 20)
    there.logs["airflow-scheduler-0"] = f"whole line\n{TOKEN[:9]}"
    _, texts = written()
    assert texts["logs/airflow/airflow-scheduler-0/scheduler.log"] == "whole line\n"


def test_all_files_together_have_a_bound(written, there, monkeypatch):
    monkeypatch.setattr(archive, "ALL_BYTES", 20000)
    there.logs["airflow-scheduler-0"] = "x" * 15000
    report, texts = written()
    assert any("left out, since the archive has" in line for line in report.missing)
    assert sum(map(len, texts.values())) <= 20000


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError(errno.ENOSPC, "full")])
def test_an_end_in_the_middle_leaves_nothing(there, tmp_path, monkeypatch, end):
    def stop(*_):
        raise end

    monkeypatch.setattr(bundle, "read_status", stop)
    with pytest.raises(type(end) if isinstance(end, OSError) else end):
        write_bundle(make_release(there, api=Api()), tmp_path / "a.tar.gz", Steps())
    assert names(tmp_path) == []


def test_an_interrupted_doctor_ends_it(there, tmp_path, monkeypatch):
    monkeypatch.setattr(
        bundle, "diagnose", lambda *_: Diagnosis(Report(False, "", "", "up", True, []), KeyboardInterrupt())
    )
    with pytest.raises(KeyboardInterrupt):
        write_bundle(make_release(there, api=Api()), tmp_path / "a.tar.gz", Steps())
    assert names(tmp_path) == []


def test_a_file_that_exists_stays_as_it_is(there, tmp_path):
    file = tmp_path / "a.tar.gz"
    file.write_text("mine")
    with pytest.raises(KitError) as raised:
        write_bundle(make_release(there), file, Steps())
    assert (raised.value.id, raised.value.code) == ("bundle-exists", ExitCode.USAGE)
    assert there.requests == [], "the refusal comes before minutes are spent"
    assert file.read_text() == "mine"


def test_a_folder_that_does_not_exist_is_told(there, tmp_path):
    with pytest.raises(KitError) as raised:
        write_bundle(make_release(there), tmp_path / "no" / "a.tar.gz", Steps())
    assert raised.value.id == "bundle-not-written"


def test_secrets_are_found_in_all_places_of_a_pod():
    pod = {
        "kind": "Pod",
        "metadata": {"namespace": "n"},
        "spec": {
            "imagePullSecrets": [{"name": "pull"}],
            "containers": [
                {"envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "no"}}]},
                {"env": [{"valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}]},
            ],
            "volumes": [
                {"secret": {"secretName": "files"}},
                {"projected": {"sources": [{"secret": {"name": "part"}}]}},
                {"csi": {"nodePublishSecretRef": {"name": "driver"}}},
            ],
        },
    }
    account = {"kind": "ServiceAccount", "metadata": {}, "secrets": [{"name": "old"}]}
    names = {("n", name) for name in ("pull", "all", "one", "files", "part", "driver")}
    assert secrets.used([pod, account], ["mine"]) == {*names, ("mine", "old")}


def test_helms_own_record_is_no_secret_of_the_release(written):
    _, texts = written()
    assert not any("sh.helm.release" in name for name in texts)
