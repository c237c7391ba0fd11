"""`make publish REGISTRY=…`: a whole release in a real registry, which others pull, verify and read."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.versions import pin
from kitctl.tools.builders import baseimage, builder
from kitctl.tools.toolbox import tool
from tests.publish.registry import Registry

ROOT = Path(__file__).parents[2]
# By these a job of CI could sign without a key.
IDENTITIES = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SIGSTORE_ID_TOKEN")
PASSWORD = "the password of a key of this test"


@dataclass(frozen=True)
class Release:
    """What was published.

    Attributes:
        registry: Where.
        env: Environment of the commands.
        folder: Keys, and what `make publish` left.
        artifacts: Its report: the chart and the image.
        text: What it printed.
    """

    registry: Registry
    env: Mapping[str, str]
    folder: Path
    artifacts: list[dict[str, str]]
    text: str

    def exact(self, number: int) -> str:
        """Name of an artifact by its digest."""
        return f"{self.artifacts[number]['name']}@{self.artifacts[number]['digest']}"

    def cosign(self, *words: str, key: str = "cosign.pub") -> subprocess.CompletedProcess[str]:
        """Ask cosign, without servers other than the registry."""
        public = ["--key", str(self.folder / key), "--insecure-ignore-tlog=true", "--allow-http-registry"]
        argv = [str(tool("cosign")), words[0], *public, *words[1:]]
        return subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False)


def make(registry: Registry, env: Mapping[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [
        "make",
        "--no-print-directory",
        "publish",
        f"REGISTRY={registry.address}/kit",
        f"PUBLISH_DIR={folder}",
        *words,
    ]
    return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small_image(registry: Registry) -> Iterator[str]:
    """Debian's base under another name: a small image with packages to list."""
    tool_, name = builder.find(), "kitctl.local/test/release:1"
    baseimage.ensure(tool_, pin("images.debian"))
    tool_.tag(pin("images.debian"), name)
    yield name
    subprocess.run([tool_.name, "rmi", name], check=False, capture_output=True)


@pytest.fixture(scope="module")
def env(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The machine's environment, with the caches of the user but not his log-ins and keys."""
    kept = {"KITCTL_CACHE": str(Path(os.environ.get("KITCTL_CACHE", Path.home() / ".cache" / "kitctl")))}
    caches = {
        name: subprocess.run(["go", "env", name], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("GOCACHE", "GOPATH")
    }
    own = {name: value for name, value in registry.env.items() if name not in IDENTITIES}
    return {**own, **kept, **caches, "COSIGN_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def release(
    registry: Registry, env: dict[str, str], small_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Release:
    folder = tmp_path_factory.mktemp("release")
    for name in ("cosign", "other"):
        argv = [str(tool("cosign")), "generate-key-pair", "--output-key-prefix", name]
        subprocess.run(argv, cwd=folder, env=env, check=True, capture_output=True)
    signed = (f"COSIGN_KEY={folder / 'cosign.key'}", "TRANSPARENCY_LOG=no", f"PUBLISH_IMAGE={small_image}")
    done = make(registry, env, folder / "out", *signed)
    assert done.returncode == 0, done.stdout + done.stderr
    artifacts = json.loads((folder / "out" / "release.json").read_text())
    return Release(registry, env, folder, artifacts, done.stdout + done.stderr)


def test_the_chart_can_be_pulled_and_is_the_one_that_was_packaged(release: Release, tmp_path: Path) -> None:
    chart = release.artifacts[0]
    argv = [str(tool("helm")), "pull", f"oci://{chart['name']}", "--version", chart["tag"], "--plain-http"]
    done = subprocess.run(argv, cwd=tmp_path, env=release.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert chart["digest"] in done.stdout + done.stderr
    name = f"airflow-{pin('kit.version')}.tgz"
    assert (tmp_path / name).read_bytes() == (release.folder / "out" / name).read_bytes()
    shown = subprocess.run(
        [str(tool("helm")), "template", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert "kind: Deployment" in shown.stdout, shown.stderr


def test_the_report_has_the_digests_that_the_registry_counts(release: Release) -> None:
    assert [one["name"] for one in release.artifacts] == [
        f"{release.registry.address}/kit/charts/airflow",
        f"{release.registry.address}/kit/airflow",
    ]
    for one in release.artifacts:
        repository = one["name"].removeprefix(f"{release.registry.address}/")
        assert release.registry.manifest(repository, one["tag"])[0] == one["digest"]


@pytest.mark.parametrize("number", [0, 1], ids=["chart", "image"])
def test_the_signature_is_that_of_the_key_and_of_no_other_one(release: Release, number: int) -> None:
    done = release.cosign("verify", release.exact(number))
    assert done.returncode == 0, done.stderr
    # Statements about the image are signed as well; this is the signature of the image itself.
    types = [one["critical"]["type"] for one in json.loads(done.stdout)]
    assert "https://sigstore.dev/cosign/sign/v1" in types
    assert release.artifacts[number]["digest"] in done.stdout
    assert release.cosign("verify", release.exact(number), key="other.pub").returncode != 0


def statement(release: Release, kind: str) -> Any:
    """Return a signed statement about the image, whose signature was verified."""
    done = release.cosign("verify-attestation", "--type", kind, release.exact(1))
    assert done.returncode == 0, done.stderr
    return json.loads(base64.b64decode(json.loads(done.stdout.splitlines()[-1])["payload"]))


def test_the_packages_of_the_image_are_attached_to_it(release: Release) -> None:
    found = statement(release, "spdxjson")
    names = {package["name"] for package in found["predicate"]["packages"]}
    assert {"dpkg", "libc6", "bash"} <= names
    assert f"sha256:{found['subject'][0]['digest']['sha256']}" == release.artifacts[1]["digest"]


def test_what_it_was_built_from_is_attached_to_it(release: Release) -> None:
    found = statement(release, "slsaprovenance1")
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    definition = found["predicate"]["buildDefinition"]
    assert definition["resolvedDependencies"][0]["digest"] == {"gitCommit": commit}


def test_no_password_is_printed_or_stored(release: Release) -> None:
    files = [path.read_bytes() for path in (release.folder / "out").rglob("*") if path.is_file()]
    assert PASSWORD not in release.text
    assert not any(PASSWORD.encode() in text for text in files)


def test_a_dry_run_sends_nothing(registry: Registry, env: dict[str, str], small_image: str, tmp_path: Path) -> None:
    argv = [
        "make",
        "publish",
        f"REGISTRY={registry.address}/dry",
        f"PUBLISH_DIR={tmp_path}",
        f"PUBLISH_IMAGE={small_image}",
    ]
    done = subprocess.run([*argv, "DRY_RUN=yes"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{registry.address}/dry/charts/airflow:{pin('kit.version')}" in done.stdout
    assert (tmp_path / f"airflow-{pin('kit.version')}.tgz").exists()
    assert not any(name.startswith("dry/") for name in registry.repositories())


def test_without_a_key_or_an_identity_nothing_is_sent(
    registry: Registry, env: dict[str, str], small_image: str, tmp_path: Path
) -> None:
    done = make(registry, env, tmp_path, f"PUBLISH_IMAGE={small_image}", f"REGISTRY={registry.address}/unsigned")
    assert done.returncode == 2
    assert "[signing-key-missing]" in done.stderr
    assert not any(name.startswith("unsigned/") for name in registry.repositories())
