"""`kitctl deploy --diff` on the command line: exit codes, and the text for people."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kitctl.commands import deploy as command
from kitctl.commands.console.deploy_diff import as_text
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release.upgrade.changes import Change
from kitctl.release.upgrade.effects import Refusal, Restart, Volume
from kitctl.release.upgrade.fields import Field
from kitctl.usecases import deploy, deploy_diff
from kitctl.usecases.deploy_diff import DeployDiff

SAME = DeployDiff(
    changed=False,
    release="airflow",
    namespace="airflow",
    context="kitctl-node",
    revision=3,
    objects=[],
    restarts=[],
    worker_template=False,
    volumes=[],
    refused=[],
    notes=[],
)
LABEL = Field("metadata.labels[helm.sh/chart]", "airflow-0.1.0", "airflow-0.2.0")


def change(action: Any, name: str, *fields: Field) -> Change:
    return Change(action, "Deployment", "airflow", name, list(fields))


DIFFERENT = replace(
    SAME,
    changed=True,
    objects=[
        change("change", "airflow-scheduler", LABEL, Field("spec.image", "a:1", "a:2")),
        change("change", "airflow-triggerer", LABEL),
        change("change", "airflow-api-server", LABEL, Field("data.a", lines=["@@ -1,1 +1,1 @@", "-x", "+y"])),
        change("create", "airflow-new"),
        change("repair", "airflow-edited", Field("spec.args", None, ["a"])),
    ],
    restarts=[
        Restart("Deployment", "airflow-scheduler", "scheduler", 1, "recreate", ["spec.template.x"]),
        Restart("StatefulSet", "airflow-celery", "celery", 3, "rolling", ["spec.template.x"]),
    ],
    volumes=[Volume("airflow", "data-0", "deleted", "gone")],
    refused=[Refusal("StatefulSet", "airflow", "s", ["spec.serviceName"], "no", "delete it first")],
)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, DeployDiff]:
    """Replace the use case by a report; a deploy is a failure."""
    found = {"report": DIFFERENT}
    monkeypatch.setattr(deploy_diff, "diff", lambda *_: found["report"])
    monkeypatch.setattr(deploy, "deploy", lambda *_: pytest.fail("deployed"))
    return found


def run(*argv: str) -> Result:
    done = CliRunner().invoke(command.app, [*argv])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_differences_have_an_exit_code_that_no_failure_has(answer: dict[str, DeployDiff]) -> None:
    assert run("--diff").exit_code == ExitCode.DIFFERENT == 7
    answer["report"] = SAME
    done = run("--diff")
    assert (done.exit_code, done.stdout) == (0, "No differences.\n")


def test_a_failure_keeps_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise KitError("values-wrong-type", "no", code=ExitCode.PREFLIGHT)

    monkeypatch.setattr(deploy_diff, "diff", refuse)
    with pytest.raises(KitError) as raised:
        run("--diff")
    assert raised.value.code == ExitCode.PREFLIGHT


def test_without_the_option_it_deploys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy_diff, "diff", lambda *_: pytest.fail("compared"))
    monkeypatch.setattr(deploy, "deploy", lambda *_: {"dry_run": True, "would": []})
    assert run("--dry-run").exit_code == 0


def test_as_json(answer: dict[str, DeployDiff]) -> None:
    report = json.loads(run("--diff", "-o", "json").stdout)
    assert report["objects"][0]["fields"][1] == {"path": "spec.image", "old": "a:1", "new": "a:2", "lines": []}
    assert len(report["objects"]) == 5


def test_as_text(answer: dict[str, DeployDiff]) -> None:
    assert run("--diff").stdout == (
        "~ Deployment airflow-scheduler\n"
        "    spec.image: a:1 → a:2\n"
        "~ Deployment airflow-api-server\n"
        "    data.a:\n"
        "      @@ -1,1 +1,1 @@\n"
        "      -x\n"
        "      +y\n"
        "+ Deployment airflow-new\n"
        "~ Deployment airflow-edited (was changed in the cluster)\n"
        '    spec.args: (none) → ["a"]\n'
        "~ 3 objects: metadata.labels[helm.sh/chart]: airflow-0.1.0 → airflow-0.2.0\n"
        "\n"
        "Restarts: Deployment airflow-scheduler: 1 pod, which ends before the new one starts\n"
        "Restarts: StatefulSet airflow-celery: 3 pods, one after the other\n"
        "Worker pods that run are not restarted.\n"
        "Must be recreated: StatefulSet s: spec.serviceName cannot change\n"
        "    delete it first\n"
        "Data are deleted: data-0: gone\n"
        "3 to change, 1 to create, 1 to repair (compared with revision 3)\n"
    )


def test_long_texts_and_values_are_cut() -> None:
    lines = [f"+{number}" for number in range(60)]
    objects = [change("change", "a", Field("x", lines=lines), Field("y", None, "z" * 500))]
    shown = as_text(replace(DIFFERENT, objects=objects), Settings()).splitlines()
    assert "      … 20 more lines (-o json shows all)" in shown
    assert max(map(len, shown)) < 140


def test_an_object_of_another_namespace_says_so() -> None:
    moved = replace(change("delete", "role"), namespace="jobs")
    assert as_text(replace(DIFFERENT, objects=[moved]), Settings()).startswith("- Deployment role in jobs\n")


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (replace(DIFFERENT, revision=0), "(first install)"),
        (replace(DIFFERENT, worker_template=True), "New worker pods are made from the changed template"),
        (replace(SAME, changed=True, notes=["Only the values differ"]), "Only the values differ\nno object changes"),
        (
            replace(DIFFERENT, refused=[Refusal("Pod", "airflow", "p", [], "quota", "kitctl up")]),
            "Refused: Pod p: quota\n    kitctl up",
        ),
        (
            replace(DIFFERENT, restarts=[Restart("Deployment", "d", "d", None, "on-delete", ["x"])]),
            "Restarts: Deployment d: its pods, when you delete them",
        ),
    ],
)
def test_words_for_the_rest(report: DeployDiff, words: str) -> None:
    assert words in as_text(report, Settings())
