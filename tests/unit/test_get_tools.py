"""scripts/get-tools on machines that lack something: it says what, and builds nothing by halves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TEXT = ("awk", "cat", "comm", "cut", "grep", "head", "sed", "sort", "tail", "tr")
_FILES = ("bash", "df", "dirname", "flock", "mkdir", "mktemp", "mv", "rm")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with the system's own programs and nothing that get-tools is there to bring."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (*_TEXT, *_FILES):
        found = shutil.which(name)
        assert found, f"{name} is part of every Debian"
        (folder / name).symlink_to(found)
    return folder


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/bash\n{body}\n")
    (folder / name).chmod(0o755)


def get_tools(machine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(machine), "HOME": str(machine.parent), "KITCTL_CACHE": str(machine.parent / "cache")}
    return subprocess.run(
        [str(machine / "bash"), str(ROOT / "scripts" / "get-tools"), *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_go_it_says_where_go_comes_from(machine: Path) -> None:
    done = get_tools(machine, "kube-score")
    assert done.returncode == 3
    assert "Go is needed" in done.stderr
    assert "Fix:   Install Go 1.24 or newer" in done.stderr
    assert "[go-missing]" in done.stderr


def test_an_old_go_is_refused_with_both_versions(machine: Path) -> None:
    program(machine, "go", "echo go1.19.8")
    done = get_tools(machine, "kube-score")
    assert done.returncode == 3
    assert "Go 1.19.8 is too old" in done.stderr
    assert "1.24" in done.stderr


def test_a_small_disk_is_refused_before_the_build(machine: Path) -> None:
    program(machine, "go", "[[ $1 == env ]] && echo go1.26.0")
    (machine / "df").unlink()
    program(machine, "df", "echo Avail; echo 1048576")
    done = get_tools(machine, "kube-score")
    assert done.returncode == 3
    assert "1024 MiB free, 2048 are needed" in done.stderr
    assert not list((machine.parent / "cache").glob("tools/*/*/*"))


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("write /x: no space left on device", "Free some disk"),
        ("dial tcp: lookup proxy: no such host", "check GOPROXY"),
        ("go: go.mod requires go >= 1.99 (running go 1.26; GOTOOLCHAIN=local)", "Install a newer Go"),
    ],
)
def test_a_build_that_fails_leaves_no_program_and_names_the_fix(machine: Path, said: str, fix: str) -> None:
    program(machine, "go", f'[[ $1 == env ]] && {{ echo go1.26.0; exit; }}; echo "{said}" >&2; exit 1')
    done = get_tools(machine, "kube-score")
    assert done.returncode == 1
    assert said in done.stderr
    assert fix in done.stderr
    assert not list((machine.parent / "cache").glob("tools/*/*/*"))


def test_a_tool_that_is_there_needs_no_go(machine: Path) -> None:
    version = next(
        line.split('"')[1]
        for line in (ROOT / "versions.toml").read_text().split("[tools.kube-score]")[1].splitlines()
        if line.startswith("version")
    )
    place = machine.parent / "cache" / "tools" / "kube-score" / version
    place.mkdir(parents=True)
    program(place, "kube-score", "true")
    done = get_tools(machine, "kube-score")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_helm_on_path_that_is_new_enough_is_used_for_clusters_elsewhere(machine: Path) -> None:
    program(machine, "helm", "echo v3.20.2+gabc")
    program(machine, "go", "[[ $1 == env ]] && { echo go1.26.0; exit; }; echo away >&2; exit 1")
    done = get_tools(machine, "--group", "chart")
    assert "helm: 3.20.2 on PATH is used" in done.stderr
    assert done.returncode == 1  # kubectl is not on PATH, and this go builds nothing
    assert "kubectl could not be built" in done.stderr


@pytest.mark.parametrize("words", [["--nonsense"], ["--group", "half"], ["minikube"]])
def test_words_that_it_does_not_know_are_refused(machine: Path, words: list[str]) -> None:
    done = get_tools(machine, *words)
    assert done.returncode == 2
    assert words[-1] in done.stderr


def test_pause_builds_on_a_machine_that_never_had_its_module(tmp_path: Path) -> None:
    script = f"""
        set -euo pipefail
        declare -A version=([kubernetes]=v1.2.3)
        . {ROOT}/scripts/lib/build.sh
        build_pause {ROOT}/scripts/tools/kubernetes {tmp_path}/pause
    """
    modules = {"GOMODCACHE": str(tmp_path / "modules"), "GOFLAGS": "-modcacherw"}
    subprocess.run(["bash", "-c", script], env=os.environ | modules, check=True)
    said = subprocess.run([tmp_path / "pause", "-v"], capture_output=True, text=True, check=True).stdout
    assert "v1.2.3" in said
