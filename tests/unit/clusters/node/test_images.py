"""Images made from one program."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from kitctl.clusters.node import images, seed
from kitctl.clusters.node.layout import REPOSITORY, Layout
from kitctl.errors import KitError
from kitctl.model.versions import pin
from kitctl.tools.process import Result


@pytest.fixture
def image(tmp_path: Path) -> images.Image:
    program = tmp_path / "busybox"
    program.write_bytes(b"ELF" * 1000)
    return images.Image(f"{REPOSITORY}/tool:v1", program, "bin/busybox", ("bin/sh",))


def test_the_archive_is_what_containerd_imports(image: images.Image, tmp_path: Path) -> None:
    with tarfile.open(images.write(image, tmp_path)) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
        config = json.load(tar.extractfile("config.json"))  # type: ignore[arg-type]
        layer = tar.extractfile("layer.tar").read()  # type: ignore[union-attr]
    assert manifest["RepoTags"] == [f"{REPOSITORY}/tool:v1"]
    assert config["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(layer).hexdigest()]
    assert config["config"]["Entrypoint"] == ["/bin/busybox"]


def test_the_layer_holds_the_program_and_its_links(image: images.Image, tmp_path: Path) -> None:
    archive = images.write(image, tmp_path)
    with tarfile.open(archive) as outer, tarfile.open(fileobj=outer.extractfile("layer.tar")) as layer:
        assert layer.getnames() == ["bin", "bin/busybox", "bin/sh"]
        assert layer.getmember("bin/busybox").mode == 0o755
        assert layer.getmember("bin/sh").linkname == "/bin/busybox"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["busybox", "busybox.tar"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file for each program that the images are made of."""

    def program(name: str) -> Path:
        path = tmp_path / name
        if not path.exists():
            path.write_text(name)
        return path

    monkeypatch.setattr(images, "tool", program)
    return tmp_path


def test_a_control_plane_of_one_program_is_one_image_under_three_names(programs: Path, tmp_path: Path) -> None:
    (programs / "kube-apiserver").write_text("all of them")
    for name in ("kube-controller-manager", "kube-scheduler"):
        (programs / name).hardlink_to(programs / "kube-apiserver")
    found = [image for image in images.all_images() if "kube-" in image.place]
    assert len(found) == 1
    with tarfile.open(images.write(found[0], tmp_path)) as outer:
        tags = json.load(outer.extractfile("manifest.json"))[0]["RepoTags"]  # type: ignore[arg-type]
        with tarfile.open(fileobj=outer.extractfile("layer.tar")) as layer:
            links = {member.name: member.linkname for member in layer if member.issym()}
    names = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    assert tags == [f"{REPOSITORY}/{name}:{pin('tools.kubernetes.version')}" for name in names]
    assert links == {f"usr/local/bin/{name}": "/usr/local/bin/kube-apiserver" for name in names[1:]}


def test_programs_that_an_older_kit_built_stay_three_images(programs: Path) -> None:
    places = [image.place for image in images.all_images() if "kube-" in image.place]
    assert places == [f"usr/local/bin/kube-{name}" for name in ("apiserver", "controller-manager", "scheduler")]


def test_an_image_with_another_program_is_another_image(image: images.Image) -> None:
    before = images.identity(image)
    assert images.identity(image) == before
    image.program.write_bytes(b"other")
    assert images.identity(image) != before


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("postgres:17", "docker.io/library/postgres:17"),
        ("apache/airflow:3.3.2", "docker.io/apache/airflow:3.3.2"),
        ("kitctl.local/airflow:3", "kitctl.local/airflow:3"),
        ("localhost/x:1", "localhost/x:1"),
        ("registry:5000/x", "registry:5000/x:latest"),
        ("postgres", "docker.io/library/postgres:latest"),
    ],
)
def test_references_are_spelled_as_containerd_does(short: str, full: str) -> None:
    assert images.full_name(short) == full


def test_a_seed_is_linked_but_its_databases_are_copied(tmp_path: Path) -> None:
    source = tmp_path / "seed"
    source.mkdir()
    for name in ("blob", "meta.db"):
        (source / name).write_text(name)
    (source / "sh").symlink_to("/bin/busybox")
    for name in ("blob", "meta.db", "sh"):
        seed._link(str(source / name), str(tmp_path / name))
    assert (tmp_path / "blob").samefile(source / "blob")
    assert not (tmp_path / "meta.db").samefile(source / "meta.db")
    assert (tmp_path / "meta.db").read_text() == "meta.db"
    assert (tmp_path / "sh").readlink() == Path("/bin/busybox")


def test_an_image_keeps_which_archive_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    listing = (
        "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"
        "docker.io/team/flow:1 application/x sha256:ab 1MiB linux/amd64 "
        "io.airflow-kit.archive=docker.io_team_flow_1_abc,io.cri-containerd.image=managed\n"
    )

    def ctr(argv: list[str], **_: object) -> Result:
        calls.append(argv[5:])
        return Result(0, listing if "ls" in argv else "", "")

    monkeypatch.setattr(images, "run", ctr)
    monkeypatch.setattr(images, "socket", lambda _: tmp_path)
    layout = Layout("kitctl-unit")
    images.note_archive(layout, "team/flow:1", "docker.io_team_flow_1_abc")
    assert calls[0] == ["images", "label", "docker.io/team/flow:1", "io.airflow-kit.archive=docker.io_team_flow_1_abc"]
    assert images.noted_archive(layout, "team/flow:1") == "docker.io_team_flow_1_abc"
    assert calls[1] == ["images", "ls", "name==docker.io/team/flow:1"]
    listing = "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"
    assert images.noted_archive(layout, "team/flow:1") == ""


def test_a_node_that_does_not_run_holds_no_images_to_ask_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    with pytest.raises(KitError) as caught:
        images.listed(Layout("n"))
    assert caught.value.id == "cluster-not-running"
    assert "kitctl cluster create" in caught.value.fix
