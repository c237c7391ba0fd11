"""The pod that asks the repositories, and what comes of its answer."""

import json

import pytest

from kitctl.errors import KitError
from kitctl.release.preflight import repository
from kitctl.release.preflight.repository_target import targets
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

GIT = {
    "dags": {
        "mode": "git",
        "git": {
            "repo": "https://git.example.com/d.git",
            "caBundleConfigMap": "git-ca",
            "credentials": {"type": "https", "secret": "login"},
        },
    }
}
APP = {"type": "github-app", "secret": "app", "githubAppId": "1", "githubInstallationId": "2"}
PROXY = {"name": "HTTPS_PROXY", "value": "http://proxy:3128"}


def processor(*init):
    main = {
        "name": "dag-processor",
        "image": "a/b:1",
        "securityContext": {"runAsNonRoot": True},
        "env": [{"name": "AIRFLOW__CORE__X", "value": "1"}, {"name": "GIT_CONFIG_COUNT", "value": "1"}, PROXY],
    }
    template = {"securityContext": {"fsGroup": 50000}, "containers": [main], "initContainers": list(init)}
    labels = {"app.kubernetes.io/component": "dag-processor", "app.kubernetes.io/managed-by": "Helm"}
    meta = {"name": "airflow-dag-processor", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": {"spec": template}}}


@pytest.fixture
def ask(fake, monkeypatch):
    """Run the check with a pod that says these results; returns its notes and the pod."""

    def asked(config, *results, text=None):
        said = text if text is not None else "x\nKITCTL-REPORT " + json.dumps({"results": results}) + "\n"
        notes, made = [], []
        monkeypatch.setattr(repository.job_pod, "answer", lambda *_: said)
        monkeypatch.setattr(Kube, "create", lambda _, obj, namespace: made.append((namespace, obj)) or True)
        repository.check(fake.kube, "airflow", config, [processor()], notes.append, Deadline(600))
        return notes, made

    return asked


def test_a_repository_that_answers_is_told(ask):
    notes, made = ask(GIT, {"key": "dags.git", "code": 0, "said": "", "found": 1})
    assert notes == ["https://git.example.com/d.git has HEAD"]
    assert (made[0][0], made[0][1]["kind"]) == ("airflow", "Pod")


def test_a_refusal_stops_and_the_pod_is_removed(ask, fake):
    with pytest.raises(KitError) as caught:
        ask(GIT, {"key": "dags.git", "code": 128, "said": "fatal: Authentication failed", "found": 0})
    assert caught.value.id == "git-login-refused"
    assert fake.requests[-1] == ("DELETE", "/api/v1/namespaces/airflow/pods/airflow-repo-check")


@pytest.mark.parametrize("text", ["ImagePullBackOff no such image", ""])
def test_a_pod_that_cannot_run_stops_nothing(ask, text):
    notes, _ = ask(GIT, text=text)
    assert "was not looked at" in notes[0]


def test_an_image_without_git_is_told(ask):
    notes, _ = ask(GIT, {"key": "dags.git", "no_git": True})
    assert "has no git" in notes[0]


@pytest.mark.parametrize("mode", ["image", "pvc"])
def test_other_modes_need_no_pod(ask, mode):
    assert ask({"dags": {"mode": mode}}) == ([], [])


def test_the_pod_is_the_dag_processors_with_secret_and_ca(ask):
    _, made = ask(GIT, {"key": "dags.git", "code": 0, "said": "", "found": 1})
    pod = made[0][1]
    spec, (container,) = pod["spec"], pod["spec"]["containers"]
    assert (container["image"], spec["securityContext"]) == ("a/b:1", {"fsGroup": 50000})
    assert spec["automountServiceAccountToken"] is False
    assert container["env"] == [PROXY]
    volumes = {v["name"]: v for v in spec["volumes"]}
    assert volumes["login-0"]["secret"]["secretName"] == "login"
    assert volumes["ca"]["configMap"]["name"] == "git-ca"
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "repo-check"
    # The Service of the release and its policies select by component: none may take this pod for theirs.
    assert pod["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kitctl"


def test_git_syncs_own_variables_are_used_where_there_is_a_git_sync(fake):
    own = {"name": "git-sync", "env": [{"name": "GITSYNC_REPO", "value": "x"}, {"name": "no_proxy", "value": "a"}]}
    pod = repository.asking_pod(processor(own), targets(GIT))
    assert pod["spec"]["containers"][0]["env"] == [{"name": "no_proxy", "value": "a"}]


def test_every_bundle_is_asked_by_its_own_credentials():
    items = [
        {"name": "a", "repo": "https://h/a.git", "credentials": {**APP, "githubBaseUrl": "https://h/api/v3"}},
        {"name": "b", "repo": "git@h:b.git", "ref": "v1", "credentials": {"type": "ssh", "secret": "k"}},
    ]
    first, second = targets({"dags": {"mode": "bundle", "bundle": {"items": items}}})
    assert first.options == ("--app-id", "1", "--installation-id", "2", "--base-url", "https://h/api/v3")
    assert (first.ref, second.ref) == ("main", "v1")
    assert second.wanted == ("ssh-key", "known-hosts")
    assert first.folder != second.folder


def test_a_host_that_need_not_be_known_needs_no_list():
    section = {"repo": "git@h:b.git", "credentials": {"type": "ssh", "secret": "k", "strictHostKey": False}}
    (found,) = targets({"dags": {"mode": "git", "git": section}})
    assert (found.wanted, found.strict) == (("ssh-key",), False)


def test_a_user_name_in_the_address_is_left_out_as_in_the_pods():
    section = {
        "repo": "https://contoso@dev.azure.com/c/Data%20P/_git/f",
        "credentials": {"type": "https", "secret": "k"},
    }
    (found,) = targets({"dags": {"mode": "git", "git": section}})
    assert found.repo == "https://dev.azure.com/c/Data%20P/_git/f"
