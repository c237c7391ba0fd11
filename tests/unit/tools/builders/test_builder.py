"""The builders' command lines, against programs that write down how they were called."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.tools.builders import buildah, builder, network
from kitctl.tools.builders.buildah import Buildah
from kitctl.tools.builders.engine import Engine


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds only what a test puts there, and coreutils."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("KITCTL_BUILDER", raising=False)
    buildah.storage.cache_clear()
    # The machine's own builders must not answer.
    for name in builder.NAMES:
        program(folder, name, "exit 1")
    yield folder
    buildah.storage.cache_clear()


def program(folder: Path, name: str, body: str = "") -> None:
    (folder / name).write_text(f'#!/bin/sh\necho "$*" >>{folder}/{name}.log\n{body}\n')
    (folder / name).chmod(0o755)


def calls(folder: Path, name: str) -> list[str]:
    log = folder / f"{name}.log"
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.parametrize(
    ("answers", "chosen", "found"),
    [
        (["docker", "podman", "buildah"], "", "docker"),
        (["podman", "buildah"], "auto", "podman"),
        (["buildah"], "", "buildah"),
        (["docker", "buildah"], "buildah", "buildah"),
    ],
)
def test_the_first_builder_that_answers_is_taken(programs: Path, answers: list[str], chosen: str, found: str) -> None:
    for name in answers:
        program(programs, name, "echo 1.0")
    assert builder.find(chosen).name == found


def test_a_docker_client_without_an_engine_is_passed_over(programs: Path) -> None:
    program(programs, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    program(programs, "buildah", "echo 1.0")
    assert builder.find().name == "buildah"


def test_the_environment_chooses_when_the_flag_does_not(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docker", "podman"):
        program(programs, name, "echo 1.0")
    monkeypatch.setenv("KITCTL_BUILDER", "podman")
    assert builder.find().name == "podman"


def test_without_a_builder_the_error_says_what_each_one_said(programs: Path) -> None:
    program(programs, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    with pytest.raises(KitError) as error:
        builder.find()
    assert (error.value.id, error.value.code) == ("builder-missing", 3)
    assert "docker: Cannot connect to the Docker daemon" in error.value.cause
    assert "buildah" in error.value.fix


def test_an_unknown_builder_is_a_usage_error(programs: Path) -> None:
    with pytest.raises(KitError) as error:
        builder.find("kaniko")
    assert (error.value.id, error.value.code) == ("builder-unknown", 2)


def order(tmp_path: Path) -> builder.Build:
    return builder.Build(
        tmp_path / "Dockerfile",
        tmp_path,
        "kitctl.local/x:1",
        args={"A": "b c"},
        labels={"l": "v"},
        secrets={"ca": tmp_path / "ca.pem"},
        cache=tmp_path / "cache",
        platform="linux/arm64",
    )


def test_buildah_builds_in_a_chroot_with_cached_layers_and_the_kits_cache(programs: Path, tmp_path: Path) -> None:
    program(programs, "buildah")
    assert Buildah().build(order(tmp_path)).ok
    line = calls(programs, "buildah")[-1]
    for words in (
        "build --isolation chroot --layers --force-rm",
        "--build-arg A=b c",
        "--label l=v",
        f"--secret id=ca,src={tmp_path}/ca.pem",
        "--platform linux/arm64",
        f"--volume {tmp_path}/cache/root:{builder.HOST_CACHE}",
        f"--build-arg CACHE_DIR={builder.HOST_CACHE}",
    ):
        assert words in line


@pytest.mark.parametrize(
    ("user", "folder", "mode"), [("root", "root", 0o700), ("0:0", "root", 0o700), ("50000:0", "user", 0o1777)]
)
def test_only_its_owner_can_enter_the_cache_of_builds(tmp_path: Path, user: str, folder: str, mode: int) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o1777)
    cache.chmod(0o1777)  # as an earlier version left it
    words = replace(order(tmp_path), cache_user=user).mounted_cache()
    assert words[1] == f"{cache}/{folder}:{builder.HOST_CACHE}"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE((cache / folder).stat().st_mode) == mode


def test_docker_builds_without_mounting_folders_of_the_host(programs: Path, tmp_path: Path) -> None:
    program(programs, "docker", 'echo "$DOCKER_BUILDKIT"')
    assert Engine("docker").build(order(tmp_path)).stdout == "1\n"
    assert "--volume" not in calls(programs, "docker")[-1]


CACHED = "example.com/layers"


@pytest.mark.parametrize("tool", [Buildah(), Engine("podman")], ids=lambda tool: tool.name)
def test_layers_are_taken_from_the_cache_and_put_there(programs: Path, tmp_path: Path, tool: builder.Builder) -> None:
    program(programs, tool.name)
    assert tool.build(replace(order(tmp_path), layer_cache=CACHED)).ok
    assert f"--cache-from {CACHED} --cache-to {CACHED}" in calls(programs, tool.name)[-1]
    tool.build(order(tmp_path))
    assert "--cache-" not in calls(programs, tool.name)[-1]


def test_docker_notes_its_layers_in_an_image_of_the_cache(programs: Path, tmp_path: Path) -> None:
    program(programs, "docker")
    assert Engine("docker").build(replace(order(tmp_path), layer_cache=CACHED)).ok
    built, tagged, pushed = calls(programs, "docker")
    assert f"--cache-from type=registry,ref={CACHED}:layers --cache-to type=inline" in built
    assert (tagged, pushed) == (f"tag kitctl.local/x:1 {CACHED}:layers", f"push --quiet {CACHED}:layers")


def test_docker_pushes_no_layers_of_a_build_that_failed(programs: Path, tmp_path: Path) -> None:
    program(programs, "docker", "echo no >&2; exit 1")
    done = Engine("docker").build(replace(order(tmp_path), layer_cache=CACHED))
    assert (done.ok, len(calls(programs, "docker"))) == (False, 1)


def test_buildah_falls_back_to_vfs_where_overlay_is_refused(programs: Path) -> None:
    program(programs, "buildah", '[ "$STORAGE_DRIVER" = vfs ] || [ "$1" != info ] || exit 1; echo "$STORAGE_DRIVER"')
    assert Buildah().pull("x").stdout == "vfs\n"


def test_buildah_keeps_the_default_storage_where_it_works(programs: Path) -> None:
    program(programs, "buildah", 'echo "driver=$STORAGE_DRIVER"')
    assert Buildah().pull("x").stdout == "driver=\n"


@pytest.mark.parametrize("name", builder.NAMES)
def test_an_absent_image_has_no_id(programs: Path, name: str) -> None:
    program(programs, name, '[ "$1" = info ] || exit 125')
    tool: builder.Builder = Buildah() if name == "buildah" else Engine(name)
    assert tool.image_id("x:1") is None


def test_labels_are_read_from_either_builder(programs: Path) -> None:
    program(programs, "podman", "echo 'null'")
    assert Engine("podman").labels("x") == {}
    program(programs, "docker", """echo '{"a":"b"}'""")
    assert Engine("docker").labels("x") == {"a": "b"}
    program(programs, "buildah", "echo '" + json.dumps({"OCIv1": {"config": {"Labels": {"a": "b"}}}}) + "'")
    assert Buildah().labels("x") == {"a": "b"}


def test_the_user_is_read_from_either_builder(programs: Path) -> None:
    program(programs, "docker", "echo airflow")
    assert Engine("docker").user("x") == "airflow"
    program(programs, "buildah", "echo '" + json.dumps({"OCIv1": {"config": {"User": "50000:0"}}}) + "'")
    assert Buildah().user("x") == "50000:0"
    program(programs, "buildah", "echo '" + json.dumps({"OCIv1": {"config": {}}}) + "'")
    assert Buildah().user("x") == ""


def test_archives_are_docker_archives_that_carry_the_name(programs: Path, tmp_path: Path) -> None:
    for name in builder.NAMES:
        program(programs, name)
    Buildah().save("r/x:1", tmp_path / "x.tar")
    Engine("podman").save("r/x:1", tmp_path / "x.tar")
    Engine("docker").save("r/x:1", tmp_path / "x.tar")
    assert calls(programs, "buildah")[-1] == f"push --quiet r/x:1 docker-archive:{tmp_path}/x.tar:r/x:1"
    assert calls(programs, "podman")[-1] == f"save --format docker-archive --output {tmp_path}/x.tar r/x:1"
    assert calls(programs, "docker")[-1] == f"save --output {tmp_path}/x.tar r/x:1"


@pytest.mark.parametrize("tool", [Buildah(), Engine("podman")], ids=lambda tool: tool.name)
def test_a_push_returns_the_digest_of_the_registry(programs: Path, tool: builder.Builder) -> None:
    program(programs, tool.name, '[ "$2" != --digestfile ] || echo sha256:abc > "$3"')
    assert tool.push("r/x:1") == "sha256:abc"
    assert calls(programs, tool.name)[-1].endswith("r/x:1")


def test_docker_notes_the_digest_of_each_registry(programs: Path) -> None:
    known = json.dumps(["other/x@sha256:1", "apache/x@sha256:2", "r.example:5000/x@sha256:3"])
    program(programs, "docker", f"[ $1 != image ] || echo '{known}'")
    assert Engine("docker").push("docker.io/apache/x:1") == "sha256:2"
    assert Engine("docker").push("r.example:5000/x:1") == "sha256:3"
    assert Engine("docker").push("nowhere/x:1") == ""


def test_a_container_of_buildah_is_removed_also_when_the_command_fails(programs: Path, tmp_path: Path) -> None:
    program(programs, "buildah", 'case "$1" in from) echo c1 ;; run) echo said; exit 7 ;; esac')
    mount = builder.Mount(tmp_path, "/dags")
    done = Buildah().run("x:1", ["python", "-V"], mounts=[mount], env={"A": "1"}, timeout=9)
    assert (done.code, done.stdout) == (7, "said\n")
    lines = calls(programs, "buildah")
    (name,) = [line.split()[2] for line in lines if line.startswith("from --name ")]
    assert f"--volume {tmp_path}:/dags:ro --env A=1 {name} -- timeout --kill-after=5 9 python -V" in lines[-2]
    assert lines[-1] == f"rm {name}"


def test_a_panic_of_buildah_itself_costs_one_more_try(programs: Path) -> None:
    panic = "panic: runtime error: x\ngithub.com/containers/buildah.(*Builder).Run.func3()"
    program(
        programs,
        "buildah",
        f"""case "$1" in
          from) echo c1 ;;
          run)
            [ ! -e {programs}/again ] || exec echo said
            touch {programs}/again; echo '{panic}' >&2; exit 2 ;;
        esac""",
    )
    assert Buildah().run("x:1", ["true"]).stdout == "said\n"
    lines = calls(programs, "buildah")
    made = [line.split()[2] for line in lines if line.startswith("from --name ")]
    assert len(set(made)) == 2
    assert {f"rm {name}" for name in made} <= set(lines)


def test_docker_runs_without_network_and_without_the_entrypoint(programs: Path) -> None:
    program(programs, "docker")
    Engine("docker").run("x:1", ["python", "-V"], timeout=9)
    line = calls(programs, "docker")[-1]
    assert "--entrypoint timeout --network none x:1 --kill-after=5 9 python -V" in line


@pytest.mark.parametrize("name", ["docker", "buildah"])
def test_what_the_user_follows_is_handed_on_and_may_use_the_network(programs: Path, name: str) -> None:
    program(programs, name, 'case "$1" in from) echo c1 ;; run) echo one; echo two >&2 ;; esac')
    builder: Any = Engine("docker") if name == "docker" else Buildah()
    seen: list[str] = []
    done = builder.run("x:1", ["python", "-V"], write=seen.append)
    assert (seen, done.stdout) == (["one", "two"], "one\ntwo\n")
    assert not any("--network none" in line for line in calls(programs, name))


# What a build inherits from the machine's network.


@pytest.fixture
def quiet_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    names = [*network._INDEX, *network._PROXY, *(p.upper() for p in network._PROXY)]
    for name in [*names, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "XDG_CONFIG_HOME"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    return tmp_path


def test_pips_index_serves_uv_too_and_proxies_go_along(quiet_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://u:p@mirror.example.com/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    found = network.exports()
    assert found["UV_DEFAULT_INDEX"] == "https://u:p@mirror.example.com/simple"
    assert found["https_proxy"] == found["HTTPS_PROXY"] == "http://proxy.example.com:3128"


def test_pips_configuration_file_is_read(quiet_network: Path) -> None:
    (quiet_network / "pip.conf").write_text("[global]\nindex-url = https://mirror.example.com/100%/simple\n")
    assert network.exports()["PIP_INDEX_URL"] == "https://mirror.example.com/100%/simple"


def test_secrets_are_private_quoted_and_gone_afterwards(quiet_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://u:it's@example.com")
    with network.secrets() as found:
        net = found["net"]
        assert net.stat().st_mode & 0o777 == 0o600
        assert """export PIP_INDEX_URL='https://u:it'"'"'s@example.com'""" in net.read_text()
    assert not net.exists()


def test_a_named_ca_bundle_wins_and_must_hold_certificates(
    quiet_network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = quiet_network / "mine.pem"
    mine.write_text("-----BEGIN CERTIFICATE-----\n")
    other = quiet_network / "other.pem"
    other.write_text("-----BEGIN CERTIFICATE-----\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert network.ca_bundle(mine) == mine
    assert network.ca_bundle() == other
    for wrong in (quiet_network / "absent.pem", quiet_network):
        with pytest.raises(KitError) as error:
            network.ca_bundle(wrong)
        assert error.value.id == "ca-bundle-missing"
