"""`kitctl dags push`: the way of each mode, and the pod that writes into a claim."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.release.git_sync import Sync
from kitctl.release.operation import Operation
from kitctl.tools.deadline import Deadline
from kitctl.usecases.dags import claim, commit
from kitctl.usecases.dags import push as dags_push
from kitctl.usecases.dags.checkout import Checkout
from kitctl.usecases.dags.claim import Copied
from kitctl.usecases.dags.parsed import FileError, Parsed
from kitctl.usecases.dags.push import PushOptions
from tests.unit.fake_operation import as_json


class Quiet:
    """Takes steps and notes, shows nothing."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, name: str) -> Any:
        import contextlib  # noqa: PLC0415

        return contextlib.nullcontext()

    def note(self, line: str) -> None:
        self.notes.append(line)


class FakeHelm:
    """Knows the values of one release, or no release."""

    def __init__(self, values: dict[str, Any] | None):
        self._values = values

    def values(self, release: str, namespace: str, *, all_values: bool = False) -> dict[str, Any]:
        return self._values or {}


def fake_release(mode: str | None, **dags: Any) -> Any:
    values = {"dags": {"mode": mode, **dags}} if mode else {}
    settings = Settings()
    return SimpleNamespace(
        values=values, workloads=["x"], helm=FakeHelm(values if mode else None), settings=settings, selector="s"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dag.py").write_text("d = DAG('d')\n")
    return tmp_path


def push(monkeypatch: pytest.MonkeyPatch, release: Any, path: Path, **more: Any) -> dict[str, Any]:
    on(monkeypatch, release)
    return as_json(dags_push.push(Settings(**more), PushOptions(path), Quiet(), lambda question: True))


def on(monkeypatch: pytest.MonkeyPatch, release: Any) -> None:
    """Let the push work on this release."""

    def begin(settings: Settings, cluster: Any, steps: Any, ask: Any) -> Operation:
        op = Operation(settings, cluster, steps, ask, Deadline(600))
        op.__dict__["release"] = release
        return op

    monkeypatch.setattr(dags_push.choice, "present", lambda settings: None)
    monkeypatch.setattr(dags_push, "begin", begin)


@pytest.mark.parametrize("mode", list(DagMode))
def test_each_mode_has_its_way_and_a_dry_run_only_tells_it(monkeypatch: Any, folder: Path, mode: DagMode):
    assert mode in dags_push._WAYS
    report = push(monkeypatch, fake_release(mode.value), folder, dry_run=True)
    assert (report["dry_run"], report["mode"]) == (True, mode.value)
    assert report["would"]


@pytest.mark.parametrize("granted", [True, False])
def test_a_push_of_dags_that_launch_pods_names_the_right_that_the_release_lacks(
    monkeypatch: Any, folder: Path, granted: bool
):
    (folder / "launch.py").write_text("KubernetesPodOperator()")
    release, steps = fake_release("git"), Quiet()
    release.values["workers"] = {"podOperatorRights": granted}
    on(monkeypatch, release)
    dags_push.push(Settings(dry_run=True), PushOptions(folder), steps, lambda question: True)
    assert any("workers.podOperatorRights=true" in line for line in steps.notes) is not granted


def test_a_push_that_sets_the_right_is_not_told_to_set_it(monkeypatch: Any, folder: Path):
    (folder / "launch.py").write_text("KubernetesPodOperator()")
    steps, settings = Quiet(), Settings(dry_run=True, sets=("workers.podOperatorRights=true",))
    on(monkeypatch, fake_release("git"))
    dags_push.push(settings, PushOptions(folder), steps, lambda question: True)
    assert not any("podOperatorRights" in line for line in steps.notes)


def test_a_release_that_helm_does_not_know_has_no_mode(monkeypatch: Any, folder: Path):
    with pytest.raises(KitError) as caught:
        push(monkeypatch, fake_release(None), folder)
    assert caught.value.id == "dag-mode-unknown"


def test_a_folder_that_is_not_there_is_told_before_the_cluster_is_asked(monkeypatch: Any, tmp_path: Path):
    monkeypatch.setattr(dags_push, "begin", lambda *_: pytest.fail("asked the cluster"))
    with pytest.raises(KitError) as caught:
        dags_push.push(Settings(), PushOptions(tmp_path / "absent"), Quiet(), lambda question: True)
    assert caught.value.id == "dags-missing"


def test_a_push_into_a_claim_waits_only_for_what_changed(monkeypatch: Any, folder: Path):
    answer = Copied(("dag.py",), removed=1, files=2, foreign=0, time=5.0)
    seen: list[Any] = []
    monkeypatch.setattr(claim, "push", lambda *args, **more: answer)
    monkeypatch.setattr(dags_push, "_wait", lambda job, wanted: seen.append(wanted) or Parsed(("d",)))
    report = push(monkeypatch, fake_release("pvc"), folder)
    assert (report["ok"], report["changed"], report["removed"], report["dags"]) == (True, 1, 1, ["d"])
    (wanted,) = seen
    assert (wanted.since, wanted.fresh, wanted.exact, wanted.ids) == (5.0, {"dag.py"}, True, {"dag.py": {"d"}})


def test_an_import_error_makes_the_push_not_ok(monkeypatch: Any, folder: Path):
    answer = Copied((), removed=0, files=1, foreign=0, time=5.0)
    monkeypatch.setattr(claim, "push", lambda *args, **more: answer)
    monkeypatch.setattr(dags_push, "_wait", lambda job, wanted: Parsed((), (FileError("a.py", "no"),)))
    assert push(monkeypatch, fake_release("pvc"), folder)["ok"] is False


def test_without_waiting_nothing_is_asked_of_airflow(monkeypatch: Any, folder: Path):
    answer = Copied((), removed=0, files=1, foreign=2, time=5.0)
    monkeypatch.setattr(claim, "push", lambda *args, **more: answer)
    monkeypatch.setattr(dags_push, "_wait", lambda job, wanted: pytest.fail("waited"))
    assert push(monkeypatch, fake_release("pvc"), folder, wait=False)["foreign"] == 2


def test_a_claim_that_is_only_read_is_refused(folder: Path):
    release = fake_release("pvc", pvc={"accessMode": "ReadOnlyMany"})
    with pytest.raises(KitError) as caught:
        claim.push(release, folder, lambda line: None, Deadline(0))
    assert (caught.value.id, caught.value.code) == ("claim-read-only", ExitCode.PREFLIGHT)


DEPLOYMENT = {
    "metadata": {
        "name": "airflow-dag-processor",
        "labels": {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/managed-by": "Helm"},
    },
    "spec": {
        "selector": {"matchLabels": {"app.kubernetes.io/component": "dag-processor"}},
        "template": {
            "spec": {
                "securityContext": {"runAsNonRoot": True, "runAsUser": 50000},
                "tolerations": [{"key": "x"}],
                "containers": [
                    {"name": "dag-processor", "image": "airflow:1", "securityContext": {"readOnlyRootFilesystem": True}}
                ],
                "volumes": [{"name": "dags", "persistentVolumeClaim": {"claimName": "team-dags"}}],
            }
        },
    },
}


def test_the_writing_pod_is_made_like_the_dag_processor_but_may_write():
    pod = claim.writer(DEPLOYMENT, fake_release("pvc", pvc={"subPath": "/team/dags/"}))
    (container,) = pod["spec"]["containers"]
    assert pod["metadata"]["name"] == "airflow-dags-push"
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "dags-push"
    assert pod["spec"]["securityContext"] == {"runAsNonRoot": True, "runAsUser": 50000}
    assert pod["spec"]["tolerations"] == [{"key": "x"}]
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["volumes"][0]["persistentVolumeClaim"] == {"claimName": "team-dags"}
    assert container["image"] == "airflow:1"
    assert container["securityContext"] == {"readOnlyRootFilesystem": True}
    assert container["volumeMounts"] == [{"name": "dags", "mountPath": "/var/kitctl/dags", "subPath": "team/dags"}]


def git(folder: Path, *words: str) -> str:
    env = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    argv = ["git", "-C", str(folder), *words]
    return subprocess.run(
        argv, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **env}, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    origin, work = tmp_path / "origin.git", tmp_path / "work"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(origin))
    git(tmp_path, "init", "-q", "-b", "main", str(work))
    git(work, "commit", "-q", "--allow-empty", "-m", "one")
    git(work, "remote", "add", "origin", str(origin))
    git(work, "push", "-q", "-u", "origin", "main")
    return work


def test_the_commit_of_a_pushed_checkout_is_followed(checkout: Path):
    assert Checkout(checkout).pushed_commit(lambda line: None) == git(checkout, "rev-parse", "HEAD")


def test_a_commit_that_was_not_pushed_is_refused(checkout: Path):
    git(checkout, "commit", "-q", "--allow-empty", "-m", "two")
    with pytest.raises(KitError) as caught:
        Checkout(checkout).pushed_commit(lambda line: None)
    assert (caught.value.id, caught.value.fix[:8]) == ("git-not-pushed", "git push")


def test_changes_in_no_commit_are_told(checkout: Path):
    (checkout / "new.py").write_text("")
    told: list[str] = []
    Checkout(checkout).pushed_commit(told.append)
    assert "no commit" in told[0]


def test_a_folder_outside_of_git_is_refused(tmp_path: Path):
    with pytest.raises(KitError) as caught:
        Checkout(tmp_path).pushed_commit(lambda line: None)
    assert caught.value.id == "git-checkout-missing"


def test_a_git_that_fails_is_told_in_its_own_words(checkout: Path, monkeypatch: Any):
    """On CI the folder often belongs to another user, and git then refuses to read it."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(KitError) as caught:
        Checkout(checkout).pushed_commit(lambda line: None)
    assert caught.value.id == "git-checkout-missing"
    assert "dubious ownership" in caught.value.cause
    assert "not in a git checkout" not in caught.value.message


def test_a_git_sync_that_cannot_be_asked_is_told_with_kubectls_words(monkeypatch: Any, checkout: Path):
    monkeypatch.setattr(commit, "look_now", lambda release: None)
    unasked = Sync("dag-processor", "p", trouble='pods "x" is forbidden: no exec for you')
    monkeypatch.setattr(commit, "syncs", lambda release: [unasked])
    with pytest.raises(KitError) as caught:
        commit.follow_git_sync(fake_release("git"), "abc", checkout, lambda line: None, Deadline(0))
    assert caught.value.id == "commit-not-synced"
    assert "no exec for you" in caught.value.cause


def test_the_bundle_is_the_one_whose_repository_is_a_remote(checkout: Path):
    items = [{"name": "a", "repo": str(checkout.parent / "origin.git")}, {"name": "b", "repo": "https://x/y.git"}]
    assert commit._bundle(fake_release("bundle", bundle={"items": items}), checkout) == "a"


def test_one_bundle_needs_no_remote_and_two_without_are_ambiguous(checkout: Path):
    items = [{"name": "a", "repo": "https://x/a.git"}, {"name": "b", "repo": "https://x/b.git"}]
    assert commit._bundle(fake_release("bundle", bundle={"items": items[:1]}), checkout) == "a"
    with pytest.raises(KitError) as caught:
        commit._bundle(fake_release("bundle", bundle={"items": items}), checkout)
    assert caught.value.id == "bundle-ambiguous"


def test_a_push_keeps_the_templates_of_the_release():
    release = fake_release("image")
    texts = {"airflowCfg": "[core]\n", "podTemplate": "kind: Pod\n"}
    release.values.update(image={"tag": "1"}, airflowVersion="3.3.2", templates=texts)
    assert dags_push._kept(release, "") == {"dags": {"mode": "image"}, "templates": texts}


def test_a_push_keeps_how_the_image_is_pulled():
    release = fake_release("image")
    pull = {"pullPolicy": "Always", "pullSecrets": ["registry"]}
    release.values["image"] = {"repository": "a", "tag": "1", "digest": "", "revision": "r", **pull}
    assert dags_push._kept(release, "")["image"] == pull


@pytest.mark.parametrize(
    ("known", "built", "kept"),
    [
        ("", "kitctl.local/example:zip-2", "kitctl.local/example:zip-2"),
        ("kitctl.local/example:zip-1", "kitctl.local/example:zip-2", "kitctl.local/example:zip-2"),
        ("kitctl.local/example:zip-1", "", ""),
        ("registry.example.com/mine:1", "kitctl.local/example:zip-2", "registry.example.com/mine:1"),
    ],
)
def test_a_push_brings_the_image_of_the_example_task_along(known: str, built: str, kept: str):
    release = fake_release("image", specialImage=known)
    assert dags_push._kept(release, built)["dags"] == {"mode": "image", "specialImage": kept}
