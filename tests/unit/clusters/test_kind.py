"""Provider kind: its command lines, and which clusters are kitctl's, against stand-ins of kind and docker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.clusters import choice, kind
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import NewCluster
from kitctl.model.settings import Settings
from kitctl.model.versions import pin
from kitctl.tools.kube import contexts
from tests.unit.clusters.fake_programs import DOCKER, KIND, Programs

IMAGE = "kitctl.local/airflow:3.3.2-0123"


def silent(_line: str) -> None:
    """Take a line of progress."""


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    (tmp_path / "bin").mkdir()
    made = Programs(tmp_path / "bin")
    made.add("kind", KIND)
    made.add("docker", DOCKER)
    made.write("nodes", "kind-control-plane\n")
    monkeypatch.setenv("PATH", made.path)
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("KIND_EXPERIMENTAL_PROVIDER", raising=False)
    monkeypatch.setattr(contexts, "known", lambda *_: True)
    return made


@pytest.fixture
def users(programs: Programs) -> None:
    """A cluster that the user made."""
    programs.write("clusters", "kind\n")
    programs.write("running", "yes")


def listed(image_id: str) -> str:
    return json.dumps({"images": [{"id": image_id, "repoTags": [IMAGE], "repoDigests": [], "size": "1"}]})


def test_a_new_cluster_has_the_pinned_image_a_port_for_the_ui_and_the_mark(programs: Programs, tmp_path: Path) -> None:
    cluster = kind.cluster("kind", tmp_path / "config")
    cluster.create(silent)
    words = ["--name", "kind", "--image", pin("kind.node_image"), "--wait", "300s", "--config", "-"]
    more = ["--kubeconfig", str(tmp_path / "config")]
    assert programs.calls("kind", "create") == [["kind", "create", "cluster", *words, *more]]
    config = json.loads((programs.folder / "config").read_text())
    assert config["nodes"] == [
        {
            "role": "control-plane",
            "extraPortMappings": [
                {"containerPort": 30809, "hostPort": 30809, "listenAddress": "127.0.0.1", "protocol": "TCP"}
            ],
            "extraMounts": [
                {
                    "hostPath": str(tmp_path / "cache" / "kind"),
                    "containerPath": "/var/lib/made-by-kitctl",
                    "readOnly": True,
                }
            ],
        }
    ]
    assert (tmp_path / "cache" / "kind").is_dir()
    assert clusters.made("kind", "kind")
    assert (cluster.context(), cluster.exists()) == ("kind-kind", True)


def test_version_and_ports_can_be_chosen(programs: Programs) -> None:
    kind.cluster("kind").create(silent, NewCluster(kubernetes_version="1.33.4", ports=("8080:30809", "9090:30810")))
    assert "kindest/node:v1.33.4" in programs.calls("kind", "create")[0]
    (node,) = json.loads((programs.folder / "config").read_text())["nodes"]
    assert [(p["hostPort"], p["containerPort"]) for p in node["extraPortMappings"]] == [(8080, 30809), (9090, 30810)]


def test_nodes_that_were_stopped_start_again(programs: Programs) -> None:
    kind.cluster("kind").create(silent)
    (programs.folder / "running").unlink()
    kind.cluster("kind").create(silent)
    assert programs.calls("docker", "start") == [["docker", "start", "kind-control-plane"]]
    assert len(programs.calls("kind", "create")) == 1


@pytest.mark.usefixtures("users")
def test_a_cluster_of_the_users_is_used_and_never_deleted(programs: Programs) -> None:
    found = choice.of_context("kind-kind")
    assert (found.provider, found.name, found.made_by_kit, found.loads_images) == ("kind", "kind", False, True)
    with pytest.raises(KitError) as caught:
        found.delete(silent)
    assert (caught.value.id, caught.value.code) == ("cluster-not-ours", ExitCode.USAGE)
    assert programs.calls("kind", "delete") == []


def test_kitctls_own_cluster_is_found_and_deleted(programs: Programs) -> None:
    kind.cluster("kind").create(silent)
    found = choice.to_delete(Settings(context="kind-kind"))
    assert found is not None
    assert found.made_by_kit
    found.delete(silent)
    assert programs.calls("kind", "delete") == [["kind", "delete", "cluster", "--name", "kind"]]


def test_an_image_is_loaded_and_known_until_somebody_replaces_it(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, archive = kind.cluster("kind"), tmp_path / "airflow_1.tar"
    cluster.create(silent)
    assert not cluster.has_image(IMAGE)
    monkeypatch.setenv("IMAGE", listed("sha256:aaa"))
    cluster.load_image(IMAGE, archive, silent)
    load = ["kind", "load", "image-archive", str(archive), "--name", "kind"]
    assert programs.calls("kind", "load") == [load]
    assert cluster.loaded_from(IMAGE) == "airflow_1"
    programs.write("image", listed("sha256:bbb"))
    assert cluster.has_image(IMAGE)
    assert cluster.loaded_from(IMAGE) == ""


def test_a_tag_that_stays_old_is_an_error(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = kind.cluster("kind")
    cluster.create(silent)
    monkeypatch.setenv("IMAGE", listed("sha256:aaa"))
    cluster.load_image(IMAGE, tmp_path / "airflow_1.tar", silent)
    monkeypatch.setenv("REFUSE", "1")
    with pytest.raises(KitError) as caught:
        cluster.load_image(IMAGE, tmp_path / "airflow_2.tar", silent)
    assert caught.value.id == "image-load-failed"


def test_every_node_must_hold_the_image(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.write("nodes", "kind-control-plane kind-worker kind-external-load-balancer\n")
    programs.write("image-kind-worker", '{"images": []}')
    monkeypatch.setenv("IMAGE", listed("sha256:aaa"))
    with pytest.raises(KitError) as caught:
        kind.cluster("kind").load_image(IMAGE, tmp_path / "a.tar", silent)
    assert caught.value.id == "image-load-failed"
    asked = {call[2] for call in programs.calls("docker", "exec")}
    assert asked == {"kind-control-plane", "kind-worker"}


def test_node_ports_are_reached_where_a_port_of_this_machine_leads_to_them(programs: Programs) -> None:
    cluster = kind.cluster("kind")
    assert cluster.node_port_address(30809) == "127.0.0.1:8080"
    assert cluster.node_port_address(30999) is None


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, programs: Programs, tmp_path: Path) -> None:
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "nosuch")
    with pytest.raises(KitError) as caught:
        kind.check("kind")
    assert (caught.value.id, caught.value.code) == ("kind-engine-missing", ExitCode.PREFLIGHT)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(KitError) as caught:
        kind.check("kind")
    assert caught.value.id == "kind-missing"
    assert not clusters.usable("kind")


def test_auto_leaves_it_out_where_its_engine_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clusters.usable("kind")
    monkeypatch.setenv("NO_DAEMON", "1")
    assert not clusters.usable("kind")
    assert choice.cluster(Settings(provider="auto", context="kind-kind")).provider == "existing"


def test_options_that_a_provider_does_not_use_are_refused() -> None:
    clusters.takes("kind", NewCluster(kubernetes_version="1.33.4", ports=("1:30809",)))
    with pytest.raises(KitError) as caught:
        clusters.takes("kind", NewCluster(cpus="4", driver="docker"))
    assert (caught.value.id, caught.value.code) == ("cluster-option-unused", ExitCode.USAGE)
    assert "--cpus, --driver" in caught.value.message
    assert "--provider minikube" in caught.value.fix


def test_auto_prefers_minikube_to_kind_and_both_to_the_node(programs: Programs, tmp_path: Path) -> None:
    assert [p for p in clusters.ranked() if clusters.makes(p)] == ["minikube", "kind", "node"]
    found = choice.cluster(Settings())
    assert (found.provider, found.name) == ("kind", "kind")
