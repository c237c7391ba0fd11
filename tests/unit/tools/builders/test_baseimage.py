"""Where a base image comes from, with programs that stand in for apt, mmdebstrap and buildah."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import pin
from kitctl.tools.builders import baseimage, buildah
from kitctl.tools.builders.buildah import Buildah

DEBIAN = pin("images.debian")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No registry answers; buildah's storage is a file that a build creates."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    buildah.storage.cache_clear()
    store = tmp_path / "stored"
    program(
        folder,
        "buildah",
        f"""case "$1" in
          info) ;;
          pull) echo 'no such host' >&2; exit 125 ;;
          build) echo "$*" >{store} ;;
          inspect) [ -e {store} ] || exit 1
            if [ "$4" = --format ]; then echo id1; else
              key=$(sed 's/.*base-key=\\([0-9a-f]*\\).*/\\1/' {store})
              echo "{{\\"OCIv1\\":{{\\"config\\":{{\\"Labels\\":{{\\"{baseimage.KEY_LABEL}\\":\\"$key\\"}}}}}}}}"
            fi ;;
        esac""",
    )
    program(
        folder,
        "mmdebstrap",
        f'echo "$@" >>{folder}/mmdebstrap.log; for a; do case "$a" in *.part) echo tar >"$a" ;; esac; done',
    )
    program(
        folder,
        "apt-config",
        """printf 'Acquire::http::Proxy "http://proxy:1";\\nDir "/";\\nAcquire::Check-Date "false";\\n'""",
    )
    program(
        folder, "apt-get", "printf 'http://mirror.example.com/debian/\\nhttp://mirror.example.com/debian-security\\n'"
    )
    yield folder
    buildah.storage.cache_clear()


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_without_a_registry_debian_is_made_from_this_machines_mirror_once(machine: Path, tmp_path: Path) -> None:
    first = baseimage.ensure(Buildah(), DEBIAN)
    log = (machine / "mmdebstrap.log").read_text()
    assert "--variant=minbase" in log
    assert "deb http://mirror.example.com/debian trixie main" in log
    assert "deb http://mirror.example.com/debian-security trixie-security main" in log
    assert '--aptopt=Acquire::http::Proxy "http://proxy:1";' in log
    assert "Dir" not in log
    (tmp_path / "stored").unlink()
    assert baseimage.ensure(Buildah(), DEBIAN) == first
    assert len((machine / "mmdebstrap.log").read_text().splitlines()) == 1
    assert len(first) == 64


def test_an_image_of_the_storage_is_taken_as_it_is(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "stored").write_text("base-key=abc")
    assert baseimage.ensure(Buildah(), DEBIAN) == "abc"
    assert not (machine / "mmdebstrap.log").exists()


def test_only_debian_can_be_made(machine: Path) -> None:
    for reference, platform in (("python:3.12-slim", ""), (DEBIAN, "linux/arm64")):
        with pytest.raises(KitError) as error:
            baseimage.ensure(Buildah(), reference, platform)
        assert (error.value.id, error.value.code) == ("base-image-unreachable", ExitCode.PREFLIGHT)
        assert "no such host" in error.value.cause


def test_without_root_the_error_shows_the_way(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(KitError) as error:
        baseimage.ensure(Buildah(), DEBIAN)
    assert error.value.id == "base-image-unreachable"
    assert "mmdebstrap" in error.value.fix


def test_a_broken_mmdebstrap_leaves_no_archive(machine: Path, tmp_path: Path) -> None:
    program(
        machine,
        "mmdebstrap",
        'for a; do case "$a" in *.part) echo half >"$a" ;; esac; done; echo E: signature >&2; exit 1',
    )
    with pytest.raises(KitError) as error:
        baseimage.ensure(Buildah(), DEBIAN)
    assert (error.value.id, error.value.cause) == ("base-image-failed", "E: signature")
    assert list((tmp_path / "cache" / "base").iterdir()) == []


def test_a_machine_without_apt_uses_the_public_mirror(machine: Path) -> None:
    program(machine, "apt-get", "exit 1")
    assert baseimage.sources() == [
        "deb http://deb.debian.org/debian trixie main",
        "deb http://deb.debian.org/debian trixie-updates main",
        "deb http://deb.debian.org/debian-security trixie-security main",
    ]


def test_a_machine_without_a_mirror_of_security_updates_is_not_sent_to_the_public_one(machine: Path) -> None:
    program(machine, "apt-get", "echo http://mirror.example.com/debian/")
    assert [line.split()[1] for line in baseimage.sources()] == ["http://mirror.example.com/debian"] * 2


def test_the_environment_names_the_mirror(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITCTL_DEBIAN_MIRROR", "https://proxy.example.com/apt/trixie/")
    assert baseimage.sources() == [
        "deb https://proxy.example.com/apt/trixie trixie main",
        "deb https://proxy.example.com/apt/trixie trixie-updates main",
    ]
    monkeypatch.setenv("KITCTL_DEBIAN_MIRROR", "http://a.example.com/debian-security http://a.example.com/debian")
    assert [line.split()[1:3] for line in baseimage.sources()] == [
        ["http://a.example.com/debian", "trixie"],
        ["http://a.example.com/debian", "trixie-updates"],
        ["http://a.example.com/debian-security", "trixie-security"],
    ]


@pytest.mark.parametrize("mirror", ["mirror.example.com", "http://a.example.com/debian-security"])
def test_a_mirror_that_is_none_is_refused(machine: Path, monkeypatch: pytest.MonkeyPatch, mirror: str) -> None:
    monkeypatch.setenv("KITCTL_DEBIAN_MIRROR", mirror)
    with pytest.raises(KitError) as error:
        baseimage.sources()
    assert (error.value.id, error.value.code) == ("debian-mirror-invalid", ExitCode.USAGE)
