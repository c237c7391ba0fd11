"""`--dry-run` of every command on a cluster that answers and has a release: nothing is written, there or here.

The cluster and Airflow answer from memory and record what they are asked; Helm renders the real chart. Programs are
recorded as well: whatever one of them could write would be seen neither by the cluster nor in the files.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from kitctl.model import names
from kitctl.model.versions import data_dir
from kitctl.release.handle import Release
from kitctl.tools import handover
from kitctl.tools.airflow.http import AirflowWire
from kitctl.tools.forward import forwards
from kitctl.tools.helm.client import Helm, Plan, documents
from kitctl.tools.helm.sources import Sources
from kitctl.tools.kube.client import Kube
from tests.unit.commands.sandbox import LINES, Place, make_place
from tests.unit.commands.test_every_command import clean, snapshot
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_release import add_pod

READS = {
    "kubectl": {"version", "config", "logs", "get"},
    "helm": {"version", "template"},
    "buildah": {"--version", "version", "info", "inspect", "images", "from", "run", "rm"},
    "git": {"rev-parse", "remote", "status", "--version"},
    "ruff": {"check"},
}
"""What programs may be asked: their first words that only read. A container of a check is removed again, see below."""
BUILDAH = """#!/bin/sh
case "$*" in
  version* | info* | --version) echo 1.0 ;;
  *"{{.FromImageID}}"*) echo 0123456789abcdef ;;
  inspect*) echo '{"OCIv1": {"config": {"Labels": {"io.airflow-kit.airflow-version": "3.3.2"}}}}' ;;
esac
"""
ELSEWHERE = {
    "cluster delete": ("cluster-not-ours", 2),
    "image load": ("image-load-unsupported", 2),
}
"""Commands that refuse what the place has, with a dry run and without one."""
ENDS = {
    "dags check": {1},  # the image reports nothing
    "logs": {1},  # that of kubectl, to which the context is a stranger
    "objects diff": {7},  # something differs
}
"""Exit codes other than 0, 3 and 6, with which the walk ends as well as it can here."""


@cache
def rendered() -> str:
    """Return the manifest of a release without values."""
    return Helm().template(data_dir("chart"), "airflow", "airflow", Sources())


class World:
    """A release that runs, and what was asked of everything around kitctl."""

    def __init__(self, place: Place, patch: pytest.MonkeyPatch) -> None:
        self.place, self.fake = place, FakeKube()
        self.helm: list[str] = []
        self.airflow: list[str] = []
        self.programs: list[list[str]] = []
        self._cluster(patch)
        self._airflow(patch)
        self._programs(patch)

    def _cluster(self, patch: pytest.MonkeyPatch) -> None:
        manifest = rendered()
        for obj in documents(manifest):
            wanted = (obj.get("spec") or {}).get("replicas", 1)
            obj["status"] = {"readyReplicas": wanted, "updatedReplicas": wanted, "replicas": wanted}
            self.fake.add(obj)
        for component in ("api-server", "scheduler", "dag-processor", "triggerer", "postgres"):
            add_pod(self.fake, component, f"airflow-{component}-0")
        labels = {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/part-of": "airflow-kit"}
        self.fake.add_secret("airflow-keys", {"fernet-key": "f", "admin-password": "p"}, labels)
        self.fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", "labels": {}}})
        default = {"storageclass.kubernetes.io/is-default-class": "true"}
        self.fake.add(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "standard", "annotations": default},
                "provisioner": "example.com/disk",
            }
        )
        self.fake.add_record("deployed", manifest=manifest)
        values = yaml.safe_load((data_dir("chart") / "values.yaml").read_text(encoding="utf-8"))
        patch.setattr(Kube, "connect", lambda *_: self.fake.kube)
        patch.setattr(Helm, "values", lambda *_, all_values=False: values if all_values else {})
        patch.setattr(Helm, "plan", lambda helm, *args: Plan(helm.template(*args), {}))
        for verb in ("upgrade_install", "uninstall", "rollback"):
            patch.setattr(Helm, verb, lambda *_, verb=verb, **__: self.helm.append(verb))

    def _airflow(self, patch: pytest.MonkeyPatch) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.path
            if path == "/auth/token":
                return httpx.Response(201, json={"access_token": "t"})
            if request.method != "GET":
                self.airflow.append(f"{request.method} {path}")
            parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
            lists: dict[str, Any] = {
                key: []
                for key in (
                    "dags",
                    "import_errors",
                    "event_logs",
                    "connections",
                    "variables",
                    "pools",
                    "roles",
                    "users",
                )
            }
            body = {part: {"status": "healthy"} for part in parts} if path.endswith("/health") else lists
            if named := re.fullmatch(r".*/dags/(\w+)", path):
                body = {"dag_id": named[1], "is_paused": False}
            if path.endswith("/version"):
                body = {"version": "3.3.2"}
            return httpx.Response(200, json=body if path.endswith("/health") else {"total_entries": 0, **body})

        begin = AirflowWire.__init__

        def wired(wire: AirflowWire, url: str, timeout: float, patience: float, _: Any, within: Any) -> None:
            begin(wire, url, timeout, patience, httpx.MockTransport(answer), within)

        patch.setattr(AirflowWire, "__init__", wired)
        patch.setattr(Release, "_address", lambda *_: "http://airflow.test")

    def _programs(self, patch: pytest.MonkeyPatch) -> None:
        buildah = self.place.programs / "buildah"
        buildah.write_text(BUILDAH)
        buildah.chmod(0o755)
        for name in ("sh", "git"):
            (self.place.programs / name).symlink_to(
                next(p for p in (Path("/usr/bin", name), Path("/bin", name)) if p.exists())
            )
        begin = subprocess.Popen.__init__

        def recorded(process: Any, argv: list[str], *args: Any, **more: Any) -> None:
            self.programs.append([str(word) for word in argv])
            begin(process, argv, *args, **more)

        patch.setattr(subprocess.Popen, "__init__", recorded)
        patch.setattr(handover.os, "execvp", lambda program, argv: self.programs.append([program, "exec", *argv]))
        patch.setattr(forwards, "ensure_forward", lambda *_: pytest.fail("a forward would stay"))

    @property
    def containers(self) -> list[str]:
        """Containers of buildah that were made and not removed."""
        words = [argv[1:] for argv in self.programs if Path(argv[0]).name == "buildah"]
        made = [line[2] for line in words if line[:2] == ["from", "--name"]]
        return [name for name in made if ["rm", name] not in words]

    @property
    def writing_programs(self) -> list[list[str]]:
        """Programs that were asked for more than to read."""
        return [argv for argv in self.programs if _verb(argv) not in READS.get(Path(argv[0]).name, set())]


def _verb(argv: list[str]) -> str:
    """Return the first word of a command line that is neither an option of the program nor its value."""
    words = iter(argv[1:])
    for word in words:
        if word in {"--version", "info"} or not word.startswith("-"):
            return word
        if "=" not in word:
            next(words, None)
    return ""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    return World(make_place(tmp_path, monkeypatch, capsys), monkeypatch)


@pytest.mark.parametrize("name", LINES)
def test_a_dry_run_writes_nothing(world: World, tmp_path: Path, name: str) -> None:
    before = snapshot(tmp_path)
    done = clean(world.place.command(name, "--dry-run", "--provider", "existing", "--context", "gone", "-o", "json"))
    assert world.fake.writes == []
    assert (world.helm, world.airflow) == ([], [])
    assert (world.writing_programs, world.containers) == ([], [])
    assert snapshot(tmp_path) == before
    if name in ELSEWHERE:
        assert (json.loads(done.out)["error"]["id"], done.code) == ELSEWHERE[name]
    else:
        assert done.code in ENDS.get(name, {0, 3, 6}), done.out + done.err
        assert world.fake.requests or name not in ON_THE_CLUSTER


ON_THE_CLUSTER = (
    "up",
    "down",
    "status",
    "run",
    "scale",
    "deploy",
    "dags push",
    "objects apply",
    "objects diff",
    "exec",
)


@pytest.mark.parametrize("name", ON_THE_CLUSTER)
def test_on_this_cluster_the_walk_reaches_its_end(world: World, name: str) -> None:
    done = world.place.command(name, "--dry-run", "--provider", "existing", "--context", "gone", "-o", "text")
    assert done.code in ENDS.get(name, {0, 6}), done.err


@pytest.mark.parametrize("name", ["down", "objects apply", "deploy"])
def test_without_a_dry_run_the_same_cluster_would_be_written_to(world: World, name: str) -> None:
    world.place.command(
        name, "--provider", "existing", "--context", "gone", "--no-wait", "--timeout", "1", "-o", "json"
    )
    assert world.fake.writes or world.helm or world.airflow


QUICKSTART = "docs/quickstart/cluster.md"


def test_what_the_quickstart_of_a_cluster_types_can_be_run(world: World) -> None:
    """Each command of the page, on a cluster that answers; `prod` is the context of its reader."""
    repository = data_dir("chart").parent
    lines = re.findall(r"^kitctl .*$", (repository / QUICKSTART).read_text(encoding="utf-8"), re.MULTILINE)
    calls = [shlex.split(line.split("  #")[0].replace("--context prod", "--context gone"))[1:] for line in lines]
    assert {call[0] for call in calls} == {"doctor", "up", "open", "run", "image", "down"}
    ends, errors = {}, {}
    for call in calls:
        done = clean(world.place.run(*call, "--dry-run", "--timeout", "20"))
        ends[" ".join(call)] = done.code
        errors[" ".join(call)] = done.err
    # The machine of a test has no network: doctor may find that, which is its answer and no wrong command line.
    assert {line for line, code in ends.items() if code not in {0, 3}} == set()
    assert {line for line, code in ends.items() if code == 3 and not line.startswith("doctor")} == set(), errors
    assert world.fake.writes == []


def test_the_quickstart_of_a_cluster_names_what_the_chart_makes(world: World) -> None:
    text = (data_dir("chart").parent / QUICKSTART).read_text(encoding="utf-8")
    objects = {(obj["kind"], obj["metadata"]["name"]): obj for obj in documents(rendered())}
    (service, port) = re.findall(r"port-forward service/(\S+) (\d+)", text)[0]
    assert int(port) in {one["port"] for one in objects["Service", service]["spec"]["ports"]}
    (secret, key) = re.findall(r"get secret (\S+) -o jsonpath='{\.data\.([\w-]+)}'", text)[0]
    assert secret == names.names("airflow", "airflow", {}).keys
    assert key in rendered()
