"""Provider minikube: its command lines, and which profiles are kitctl's, against a stand-in that records both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.clusters import choice, minikube
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import NewCluster
from kitctl.model.settings import Settings
from kitctl.tools.kube import contexts
from tests.unit.clusters.fake_programs import MINIKUBE, Programs

IMAGE = "kitctl.local/airflow:3.3.2-0123"


def silent(_line: str) -> None:
    """Take a line of progress."""


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    (tmp_path / "bin").mkdir()
    made = Programs(tmp_path / "bin")
    made.add("minikube", MINIKUBE)
    made.write("nodes", "minikube\t192.168.49.2\n")
    monkeypatch.setenv("PATH", made.path)
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path / "state"))
    for name in ("MINIKUBE_VERSION", "MINIKUBE_DRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(contexts, "known", lambda *_: True)
    return made


@pytest.fixture
def users(tmp_path: Path, programs: Programs) -> Path:
    """A profile that the user made."""
    folder = tmp_path / ".minikube" / "profiles" / "minikube"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    programs.write("running", "yes")
    return folder


def listed(image_id: str) -> str:
    return json.dumps([{"id": image_id, "repoTags": [IMAGE], "repoDigests": [], "size": "1"}])


def test_a_new_profile_gets_the_pinned_kubernetes_and_what_was_asked_for(programs: Programs) -> None:
    cluster = minikube.cluster("minikube")
    wanted = NewCluster(driver="docker", cpus="4", memory="6g", ports=("8080:30809",))
    cluster.create(silent, wanted)
    assert programs.calls("minikube", "start") == [
        [
            "minikube",
            "start",
            "--interactive=false",
            "--wait=all",
            "--kubernetes-version=v1.34.4",
            "--driver=docker",
            "--cpus=4",
            "--memory=6g",
            "--ports=8080:30809",
            "--profile",
            "minikube",
        ]
    ]
    assert clusters.made("minikube", "minikube")
    assert cluster.exists()
    cluster.create(silent, wanted)
    assert len(programs.calls("minikube", "start")) == 1


@pytest.mark.parametrize(
    ("asked", "passed"), [("1.33.1", "v1.33.1"), ("v1.33.1", "v1.33.1"), ("stable", "stable"), (None, "v1.34.4")]
)
def test_the_version_is_spelled_as_minikube_wants_it(programs: Programs, asked: str | None, passed: str) -> None:
    minikube.cluster("a").create(silent, NewCluster(kubernetes_version=asked))
    assert f"--kubernetes-version={passed}" in programs.calls("minikube", "start")[0]


def test_a_stopped_profile_starts_as_it_is(programs: Programs, users: Path) -> None:
    (programs.folder / "running").unlink()
    minikube.cluster("minikube").create(silent, NewCluster(cpus="8"))
    start = ["minikube", "start", "--interactive=false", "--wait=all", "--profile", "minikube"]
    assert programs.calls("minikube", "start") == [start]


def test_a_profile_of_the_users_is_used_and_never_deleted(programs: Programs, users: Path) -> None:
    found = choice.cluster(Settings(provider="minikube"))
    assert (found.name, found.made_by_kit, found.loads_images) == ("minikube", False, True)
    with pytest.raises(KitError) as caught:
        found.delete(silent)
    assert (caught.value.id, caught.value.code) == ("cluster-not-ours", ExitCode.USAGE)
    assert programs.calls("minikube", "delete") == []
    assert users.exists()


def test_a_context_of_minikube_is_a_cluster_of_minikube(users: Path) -> None:
    assert choice.of_context("minikube").provider == "minikube"
    assert choice.of_context("prod").provider == "existing"


def test_kitctls_own_profile_is_deleted_and_a_later_one_of_that_name_is_not_kitctls(
    programs: Programs, tmp_path: Path
) -> None:
    minikube.cluster("minikube").create(silent)
    minikube.cluster("minikube").delete(silent)
    assert programs.calls("minikube", "delete") == [["minikube", "delete", "--profile", "minikube"]]
    folder = tmp_path / ".minikube" / "profiles" / "minikube"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert not clusters.made("minikube", "minikube")
    assert not minikube.cluster("minikube").made_by_kit


def test_what_a_failed_start_leaves_can_be_deleted(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "1")
    with pytest.raises(KitError) as caught:
        minikube.cluster("minikube").create(silent)
    assert caught.value.id == "minikube-failed"
    assert "DRV_AS_ROOT" in caught.value.cause
    assert minikube.cluster("minikube").made_by_kit
    minikube.cluster("minikube").delete(silent)
    assert not (tmp_path / ".minikube" / "profiles" / "minikube").exists()


def test_an_image_is_loaded_and_known_until_somebody_replaces_it(
    programs: Programs, users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, archive = minikube.cluster("minikube"), tmp_path / "airflow_1.tar"
    assert not cluster.has_image(IMAGE)
    monkeypatch.setenv("IMAGE", listed("sha256:aaa"))
    cluster.load_image(IMAGE, archive, silent)
    assert programs.calls("minikube", "image", "load") == [
        ["minikube", "image", "load", str(archive), "--profile", "minikube"]
    ]
    assert cluster.has_image(IMAGE)
    assert cluster.loaded_from(IMAGE) == "airflow_1"
    programs.write("image", listed("sha256:bbb"))
    assert cluster.loaded_from(IMAGE) == ""


def test_an_image_that_the_nodes_refuse_is_an_error_although_minikube_ends_with_0(
    users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUSE", "1")
    with pytest.raises(KitError) as caught:
        minikube.cluster("minikube").load_image(IMAGE, tmp_path / "a.tar", silent)
    assert caught.value.id == "image-load-failed"


def test_a_tag_that_stays_old_is_an_error(
    programs: Programs, users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = minikube.cluster("minikube")
    monkeypatch.setenv("IMAGE", listed("sha256:aaa"))
    cluster.load_image(IMAGE, tmp_path / "airflow_1.tar", silent)
    monkeypatch.setenv("REFUSE", "1")
    with pytest.raises(KitError) as caught:
        cluster.load_image(IMAGE, tmp_path / "airflow_2.tar", silent)
    assert caught.value.id == "image-load-failed"
    assert cluster.loaded_from(IMAGE) == "airflow_1"


@pytest.mark.parametrize(("second", "holds"), [("sha256:aaa", True), ("sha256:bbb", False)])
def test_of_several_nodes_each_must_hold_the_same_image(
    programs: Programs, users: Path, second: str, holds: bool
) -> None:
    programs.write("nodes", "minikube\t192.168.49.2\nminikube-m02\t192.168.49.3\n")
    programs.write("image-minikube", json.dumps({"images": json.loads(listed("sha256:aaa"))}))
    programs.write("image-minikube-m02", json.dumps({"images": json.loads(listed(second))}))
    monkey = minikube.cluster("minikube")
    assert monkey.has_image(IMAGE) is holds
    words = ["--node", "minikube-m02", "--profile", "minikube", "--", "sudo", "crictl", "images", "--output", "json"]
    assert programs.calls("minikube", "ssh")[-1] == ["minikube", "ssh", *words]


def test_node_ports_are_reached_at_the_nodes_address(monkeypatch: pytest.MonkeyPatch, users: Path) -> None:
    cluster = minikube.cluster("minikube")
    monkeypatch.setattr("sys.platform", "linux")
    assert cluster.node_port_address(30809) == "192.168.49.2:30809"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cluster.node_port_address(30809) is None


def test_another_minikube_than_asked_for_is_refused(monkeypatch: pytest.MonkeyPatch, programs: Programs) -> None:
    monkeypatch.setenv("MINIKUBE_VERSION", "1.37.0")
    minikube.check("minikube")
    monkeypatch.setenv("MINIKUBE_VERSION", "v1.30.1")
    with pytest.raises(KitError) as caught:
        minikube.cluster("minikube").create(silent)
    assert (caught.value.id, caught.value.code) == ("minikube-version-differs", ExitCode.PREFLIGHT)
    assert programs.calls("minikube", "start") == []


def test_without_minikube_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert not clusters.usable("minikube")
    with pytest.raises(KitError) as caught:
        minikube.check("minikube")
    assert (caught.value.id, caught.value.code) == ("minikube-missing", ExitCode.PREFLIGHT)


@pytest.mark.parametrize(
    ("root", "driver", "usable"), [(False, "", True), (True, "", False), (True, "none", True), (False, "kvm2", True)]
)
def test_auto_takes_it_as_root_only_with_a_driver(
    monkeypatch: pytest.MonkeyPatch, root: bool, driver: str, usable: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    monkeypatch.setenv("MINIKUBE_DRIVER", driver)
    assert clusters.usable("minikube") is usable
