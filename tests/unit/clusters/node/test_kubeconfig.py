"""The user's kubeconfig keeps all that is not ours."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl.clusters.node import kubeconfig
from kitctl.errors import ExitCode, KitError

OTHER = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "prod", "cluster": {"server": "https://prod"}}],
    "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "me"}}],
    "users": [{"name": "me", "user": {"token": "t"}}],
    "current-context": "prod",
    "extensions": [{"name": "kept"}],
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "home" / "config"
    monkeypatch.setenv("KUBECONFIG", f"{path}:{tmp_path / 'second'}")
    return path


@pytest.fixture
def admin(tmp_path: Path) -> Path:
    path = tmp_path / "admin.conf"
    document = {
        "clusters": [{"name": "x", "cluster": {"server": "https://10.213.0.2:6443"}}],
        "users": [{"name": "kubernetes-admin", "user": {"client-key-data": "k"}}],
        "contexts": [{"name": "y", "context": {"cluster": "x", "user": "kubernetes-admin"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


def write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document))


def test_a_missing_file_is_made_for_its_owner_alone(file: Path, admin: Path) -> None:
    kubeconfig.add("kitctl-node", admin)
    document = read(file)
    assert document["current-context"] == "kitctl-node"
    assert document["contexts"][0]["context"] == {"cluster": "kitctl-node", "user": "kitctl-node"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_other_entries_survive_adding_and_removing(file: Path, admin: Path) -> None:
    write(file, OTHER)
    kubeconfig.add("kitctl-node", admin)
    kubeconfig.add("kitctl-node", admin)
    assert [c["name"] for c in read(file)["contexts"]] == ["prod", "kitctl-node"]
    kubeconfig.remove("kitctl-node", None)
    after = read(file)
    assert after.pop("current-context") == ""
    assert after == {**{k: v for k, v in OTHER.items() if k != "current-context"}, "preferences": {}}


def test_another_current_context_is_left_alone_by_removing(file: Path, admin: Path) -> None:
    kubeconfig.add("kitctl-node", admin)
    document = read(file)
    document["current-context"] = "prod"
    write(file, document)
    kubeconfig.remove("kitctl-node", None)
    assert read(file)["current-context"] == "prod"


def test_removing_from_no_file_makes_none(file: Path) -> None:
    kubeconfig.remove("kitctl-node", None)
    assert not file.exists()


TAKEN = {
    "clusters": [{"name": "kitctl-node", "cluster": {"server": "https://prod"}}],
    "contexts": [{"name": "kitctl-node", "context": {"cluster": "kitctl-node", "user": "kitctl-node"}}],
    "users": [{"name": "kitctl-node", "user": {"token": "t"}}],
    "current-context": "kitctl-node",
}


@pytest.mark.parametrize("section", ["clusters", "contexts", "users"])
def test_entries_of_somebody_else_are_neither_overwritten_nor_removed(file: Path, admin: Path, section: str) -> None:
    write(file, {**OTHER, section: [*OTHER[section], *TAKEN[section]]})  # type: ignore[misc,has-type]
    before = file.read_text()
    for act in (
        lambda: kubeconfig.check("kitctl-node", None),
        lambda: kubeconfig.check("kitctl-node", kubeconfig.known(admin)),
        lambda: kubeconfig.add("kitctl-node", admin),
    ):
        with pytest.raises(KitError) as caught:
            act()
        assert (caught.value.id, caught.value.code) == ("context-taken", ExitCode.PREFLIGHT)
        assert section in caught.value.cause
    kubeconfig.remove("kitctl-node", kubeconfig.known(admin))
    kubeconfig.remove("kitctl-node", None)
    assert read(file)[section] == yaml.safe_load(before)[section]


def test_entries_of_an_earlier_version_are_known_by_server_and_ca(file: Path, admin: Path) -> None:
    kubeconfig.add("kitctl-node", admin)
    document = read(file)
    del document["clusters"][0]["cluster"]["extensions"]
    write(file, document)
    kubeconfig.add("kitctl-node", admin)
    write(file, document)
    kubeconfig.remove("kitctl-node", None)
    assert read(file)["contexts"] != []
    kubeconfig.remove("kitctl-node", kubeconfig.known(admin))
    assert read(file)["contexts"] == []


def test_a_node_that_was_made_anew_takes_its_entries_over(file: Path, admin: Path) -> None:
    kubeconfig.add("kitctl-node", admin)
    admin.write_text(admin.read_text().replace("10.213.0.2", "10.213.9.2"))
    kubeconfig.add("kitctl-node", admin)
    assert read(file)["clusters"][0]["cluster"]["server"] == "https://10.213.9.2:6443"


@pytest.mark.parametrize("text", ["", "a: [", "- a list\n", "kind: Config\n"])
def test_a_node_that_was_half_made_owns_no_entries(file: Path, admin: Path, text: str) -> None:
    write(file, {**OTHER, "current-context": "prod"})
    before = file.read_text()
    admin.write_text(text)
    kubeconfig.remove("prod", kubeconfig.known(admin))
    assert read(file)["contexts"] == yaml.safe_load(before)["contexts"]


def test_the_mode_of_the_file_is_kept(file: Path, admin: Path) -> None:
    write(file, OTHER)
    file.chmod(0o640)
    kubeconfig.add("kitctl-node", admin)
    kubeconfig.remove("kitctl-node", None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_chosen_file_wins(file: Path, admin: Path, tmp_path: Path) -> None:
    kubeconfig.add("n", admin, tmp_path / "chosen")
    assert (tmp_path / "chosen").exists()
    assert not file.exists()


@pytest.mark.parametrize("text", ["a: [", "- just\n- a list\n"])
def test_a_broken_file_is_refused_and_kept(file: Path, admin: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(KitError) as caught:
        kubeconfig.add("n", admin)
    assert caught.value.id == "kubeconfig-broken"
    assert str(file) in caught.value.message
    assert "unicode string" not in caught.value.cause
    assert file.read_text() == text


def test_a_link_stays_a_link(file: Path, admin: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    write(real, OTHER)
    file.parent.mkdir(parents=True)
    file.symlink_to(real)
    kubeconfig.add("n", admin)
    assert file.is_symlink()
    assert len(read(real)["contexts"]) == 2


def test_two_at_once_lose_nothing(file: Path, admin: Path) -> None:
    threads = [threading.Thread(target=kubeconfig.add, args=(f"n{i}", admin)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(c["name"] for c in read(file)["contexts"]) == [f"n{i}" for i in range(8)]
    assert not file.with_name("config.lock").exists()


def test_a_lock_left_behind_is_told_with_its_path(file: Path) -> None:
    file.parent.mkdir(parents=True)
    lock = file.with_name("config.lock")
    lock.touch()
    with pytest.raises(KitError) as caught, kubeconfig._lock(file, seconds=0.1):
        raise AssertionError("held by two")
    assert caught.value.fix.startswith(f"rm {lock} ")
