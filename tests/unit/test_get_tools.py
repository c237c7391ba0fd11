"""scripts/get-tools on machines that lack something: it says what, and builds nothing by halves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TEXT = ("awk", "cat", "comm", "cut", "grep", "head", "sed", "sort", "tail", "tr")
_FILES = ("bash", "cp", "df", "dirname", "flock", "ln", "mkdir", "mktemp", "mv", "rm", "sleep")


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


NODE_PROGRAMS = ("containerd", "runc", "iptables", "conntrack", "ip", "nsenter", "buildah")
# Stands for go: knows its version, and `go build -v … -o FILE PACKAGE` names two packages and writes FILE.
GO = r"""
case $1 in
    env) echo go1.26.0 ;;
    list) echo "a v1"; echo "b v1"; echo "c v1" ;;
    build)
        echo a >&2
        echo b >&2
        while [[ $1 != -o ]]; do shift; done
        echo "#!/bin/bash" >"$2"
        chmod +x "$2" ;;
esac
"""


@pytest.fixture
def builder(machine: Path) -> Path:
    """A machine whose go and gcc build something."""
    (machine / "chmod").symlink_to(shutil.which("chmod") or "/bin/false")
    program(machine, "go", GO)
    program(machine, "gcc", 'while [[ $1 != -o ]]; do shift; done; echo >"$2"; chmod +x "$2"')
    for name in NODE_PROGRAMS:
        program(machine, name, "true")
    return machine


def made(machine: Path) -> dict[str, Path]:
    """Return every file below the folder of tools by its name."""
    return {path.name: path for path in (machine.parent / "cache" / "tools").rglob("*") if path.is_file()}


def test_the_programs_of_kubernetes_are_one_file_under_all_their_names(builder: Path) -> None:
    done = get_tools(builder, "kubernetes")
    assert done.returncode == 0, done.stderr
    names = {
        "kubeadm",
        "kubectl",
        "kubelet",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
    }
    files = made(builder)
    assert set(files) == {*names, "pause", ".lock"}
    assert len({files[name].stat().st_ino for name in names}) == 1


def test_it_says_at_the_start_how_long_it_will_take(builder: Path) -> None:
    first = get_tools(builder, "--group", "node").stderr.splitlines()[0]
    assert re.fullmatch(
        r"Building etcd kubernetes coredns local-path-provisioner helm: about \d+ to \d+ minutes on \d+ cores, "
        r"less where Go's cache has parts of it",
        first,
    )


def test_where_all_is_built_nothing_is_said_and_nothing_runs_beside(builder: Path) -> None:
    get_tools(builder, "kube-score")
    done = get_tools(builder, "kube-score", "--meanwhile", "false")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_command_runs_beside_the_builds_and_its_lines_are_passed_on(builder: Path) -> None:
    done = get_tools(builder, "kube-score", "--meanwhile", "bash", "-c", "echo image: building a b >&2")
    assert done.returncode == 0
    assert "image: building a b\n" in done.stderr


def test_a_command_beside_the_builds_that_fails_ends_them(builder: Path) -> None:
    program(builder, "go", f"[[ $1 == build ]] && {{ echo $$ >{builder}/number; sleep 1000; }}\n{GO}")
    beside = f"until [[ -e {builder}/number ]]; do sleep 0.1; done; echo 'Error: broken [dags-empty]' >&2; exit 3"
    done = get_tools(builder, "kube-score", "--meanwhile", "bash", "-c", beside)
    assert done.returncode == 3
    assert "Error: broken [dags-empty]" in done.stderr
    assert not Path(f"/proc/{(builder / 'number').read_text().strip()}").exists()
    assert set(made(builder)) == {".lock"}


def test_a_build_that_fails_ends_the_command_beside_it(builder: Path) -> None:
    wait = f"until [[ -e {builder}/number ]]; do sleep 0.1; done"
    program(builder, "go", f"[[ $1 != build ]] || {{ {wait}; exit 1; }}\n{GO}")
    beside = f"echo $$ >{builder}/number; sleep 1000"
    done = get_tools(builder, "kube-score", "--meanwhile", "bash", "-c", beside)
    assert done.returncode == 1
    assert "kube-score could not be built [tool-build-failed]" in done.stderr
    assert not Path(f"/proc/{(builder / 'number').read_text().strip()}").exists()


def test_the_cause_of_a_failed_build_is_no_list_of_packages(builder: Path) -> None:
    said = "# k8s.io/broken\\nx.go:1:2: undefined: y\\n" + "k8s.io/fine\\n" * 30
    program(builder, "go", f'[[ $1 != build ]] || {{ printf "{said}" >&2; exit 1; }}\n{GO}')
    done = get_tools(builder, "kube-score")
    assert "  Cause: # k8s.io/broken\n         x.go:1:2: undefined: y\n" in done.stderr
    assert "k8s.io/fine" not in done.stderr
    kept = made(builder)["last-failed-build.log"]
    assert str(kept) in done.stderr
    assert "k8s.io/fine" in kept.read_text()


@pytest.fixture
def signals_count() -> Iterator[None]:
    """Let programs see Ctrl-C even if the tests run in the background, where shells ignore it from the start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("signals_count")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_leaves_no_process_and_no_half_program(builder: Path, number: int) -> None:
    program(builder, "go", f"[[ $1 == build ]] && {{ echo $$ >{builder}/number; sleep 1000; }}\n{GO}")
    env = {"PATH": str(builder), "HOME": str(builder.parent), "KITCTL_CACHE": str(builder.parent / "cache")}
    call = [str(builder / "bash"), str(ROOT / "scripts" / "get-tools"), "kube-score"]
    with subprocess.Popen(call, env=env, stderr=subprocess.PIPE) as running:
        while not (builder / "number").exists() or not (builder / "number").read_text().strip():
            time.sleep(0.05)
        running.send_signal(number)
        assert running.wait(30) == 128 + number
    assert not Path(f"/proc/{(builder / 'number').read_text().strip()}").exists()
    assert set(made(builder)) == {".lock"}


@pytest.mark.parametrize(
    ("packages", "compiled", "line"),
    [
        ("0", "", r"kubernetes: downloading its modules, 0 min \d\d s"),
        ("2729", "a\nb\ngo: downloading c v1\n", r"kubernetes: 2 of 2729 packages, 0 min \d\d s"),
        ("2", "a\nb\n", r"kubernetes: linking, 0 min \d\d s"),
    ],
)
def test_the_progress_tells_what_is_compiled(tmp_path: Path, packages: str, compiled: str, line: str) -> None:
    (tmp_path / "now").write_text(f"kubernetes {packages}\n")
    (tmp_path / "kubernetes.log").write_text(compiled)
    assert re.fullmatch(line, progress(tmp_path))


def test_after_the_last_build_the_progress_tells_what_still_runs(tmp_path: Path) -> None:
    line = r"waiting for kitctl image prepare, 0 min \d\d s"
    assert re.fullmatch(line, progress(tmp_path, "job=([1]='kitctl image prepare')"))


def progress(work: Path, more: str = "") -> str:
    """Return the line of progress for a folder of work."""
    script = f"set -euo pipefail; work={work}; . {ROOT}/scripts/lib/jobs.sh; {more}\nprogress"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
