"""The pod that looks at airflow_local_settings.py and at the auth manager, and what comes of its answer."""

import json
import subprocess
import sys

import pytest

from kitctl.errors import KitError
from kitctl.model.versions import data_dir
from kitctl.release import auth
from kitctl.release.preflight import extension
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube
from tests.chart.release import render
from tests.chart.test_who_holds_what import KEYCLOAK

TEXT = {"airflowLocalSettings": {"text": "x = 1"}}
KEYCLOAK_PATH = next(path for path, name in auth.PATHS.items() if name == auth.KEYCLOAK)
SSO = {"auth": {"keycloak": {"serverUrl": "https://sso.example.com/", "realm": "company"}}}
SCRIPT = data_dir("docker") / "extension" / "look.py"


@pytest.fixture
def look(fake, monkeypatch):
    """Run the check on rendered values with a pod that says this; returns its notes and the pods."""

    def looked(sets=(), config=None, report=None, text="ErrImagePull"):
        said = text if report is None else f"x\nKITCTL-REPORT {json.dumps(report)}\n"
        notes, made = [], []
        monkeypatch.setattr(extension.job_pod, "answer", lambda *_: said)
        monkeypatch.setattr(Kube, "create", lambda _, obj, namespace: made.append(obj) or True)
        objects = render(sets=sets).documents
        extension.check(fake.kube, "airflow", config or {}, objects, notes.append, Deadline(600))
        return notes, made

    return looked


def spec_of(pod):
    return json.loads(pod["spec"]["containers"][0]["command"][3])


def test_a_release_without_either_needs_no_pod(look):
    assert look(report={"syntax": "x"}) == ([], [])


def test_the_text_is_given_to_the_pod_which_is_removed(look, fake):
    notes, (pod,) = look(("airflowLocalSettings.text=x = 1",), TEXT, {})
    assert notes == []
    assert spec_of(pod) == {"settings": "x = 1", "file": "", "manager": "", "realm": ""}
    assert fake.requests[-1] == ("DELETE", "/api/v1/namespaces/airflow/pods/airflow-extension-check")


@pytest.mark.parametrize(("source", "kind"), [("configMap", "configMap"), ("secret", "secret")])
def test_a_file_of_the_users_is_mounted_and_may_be_missing(look, source, kind):
    _, (pod,) = look((f"airflowLocalSettings.{source}=mine",), {}, {})
    volume = next(v for v in pod["spec"]["volumes"] if v["name"] == "local-settings")
    assert volume[kind]["optional"] is True
    mount = next(m for m in pod["spec"]["containers"][0]["volumeMounts"] if m["name"] == "local-settings")
    assert spec_of(pod)["file"] == f"{mount['mountPath']}/{volume[kind]['items'][0]['path']}"


def test_keycloak_is_looked_for_in_the_image_and_on_the_network(look):
    notes, (pod,) = look(KEYCLOAK, SSO, {"away": "refused"})
    spec = spec_of(pod)
    assert (spec["manager"], spec["realm"]) == (KEYCLOAK_PATH, "https://sso.example.com/realms/company")
    assert notes == [f"Warning: nobody can log in until {spec['realm']} answers: refused"]


def test_the_pod_has_the_users_variables_and_no_secret(look):
    sets = (*KEYCLOAK, "env[0].name=HTTPS_PROXY", "env[0].value=http://p")
    _, (pod,) = look(sets, {**SSO, "env": [{"name": "HTTPS_PROXY", "value": "http://p"}]}, {})
    assert [e["name"] for e in pod["spec"]["containers"][0]["env"]] == ["HTTPS_PROXY", "AIRFLOW_HOME"]
    assert [v["name"] for v in pod["spec"]["volumes"]] == ["tmp"]


@pytest.mark.parametrize("plugins", [{"dags": {"plugins": "plugins"}}, {"plugins": {"existingClaim": "plugins"}}])
def test_a_class_that_may_be_a_plugin_is_not_judged(look, plugins):
    sets = ("auth.manager=mine.Manager",)
    assert spec_of(look(sets, {}, {})[1][0])["manager"] == "mine.Manager"
    assert look(sets, plugins, {})[1] == []


@pytest.mark.parametrize(
    ("sets", "report", "error", "word"),
    [
        (("airflowLocalSettings.text=x",), {"syntax": "line 2: invalid syntax"}, "local-settings-invalid", "line 2"),
        (KEYCLOAK, {"missing": "ModuleNotFoundError: x"}, "auth-manager-missing", "--extras keycloak"),
        (("auth.manager=mine.Manager",), {"missing": "ModuleNotFoundError: x"}, "auth-manager-missing", "auth.manager"),
    ],
)
def test_what_would_stop_every_pod_stops_the_deploy(look, sets, report, error, word):
    with pytest.raises(KitError) as caught:
        look(sets, TEXT, report)
    assert (caught.value.id, caught.value.code) == (error, 3)
    assert word in caught.value.cause + caught.value.fix


def test_a_pod_that_cannot_run_stops_nothing(look):
    notes, _ = look(("auth.manager=mine.Manager",))
    assert "not looked at: ErrImagePull" in notes[0]


def answer(**spec):
    """Run the script itself."""
    whole = {"settings": None, "file": "", "manager": "", "realm": "", **spec}
    done = subprocess.run([sys.executable, str(SCRIPT), json.dumps(whole)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.removeprefix("KITCTL-REPORT "))


@pytest.mark.parametrize("text", ["def pod_mutation_hook(pod):\npass\n", "x = (\n", "a\0b"])
def test_text_that_is_no_python_is_said(text):
    assert set(answer(settings=text)) == {"syntax"}


def test_python_and_a_class_that_is_there_are_fine(tmp_path):
    file = tmp_path / "airflow_local_settings.py"
    file.write_text("def task_policy(task): ...\n", encoding="utf-8")
    assert answer(file=str(file), manager="collections.OrderedDict") == {}
    assert answer(settings="import what_is_only_in_the_dags\n") == {}


def test_a_file_and_a_class_that_are_missing_are_said(tmp_path):
    assert "no airflow_local_settings.py" in answer(file=str(tmp_path / "none"))["syntax"]
    assert "No module named" in answer(manager="none_such.auth.Manager")["missing"]
    assert "no attribute" in answer(manager="collections.NoneSuch")["missing"]
