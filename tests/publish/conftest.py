"""What the tests of publishing share: a registry that is built and started here, and its address."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kitctl.tools.builders import builder
from tests import go_programs
from tests.publish.registry import Registry

MODULES = Path(__file__).parent / "modules"
_PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Start distribution's registry on a free port of this machine; image builders talk plain HTTP to it."""
    program = go_programs.built(
        MODULES / "registry", "github.com/distribution/distribution/v3/cmd/registry", "four minutes"
    )
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    insecure = folder / "home" / ".config" / "containers" / "registries.conf"
    insecure.parent.mkdir(parents=True)
    insecure.write_text(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([program, "serve", config], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait(f"http://{address}/v2/", server, folder / "log")
        yield Registry(address, {**os.environ, "HOME": str(folder / "home")})
    finally:
        server.terminate()
        server.wait(10)
        _forget(address)


def _forget(address: str) -> None:
    """Remove the names that the tests gave to images of this machine; the images themselves stay under their own."""
    for name, field in {builder.find().name: "Repository", "buildah": "Name"}.items():
        argv = [name, "images", "--format", f"{{{{.{field}}}}}:{{{{.Tag}}}}"]
        found = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()
        for image in found:
            if image.startswith(f"{address}/"):
                subprocess.run([name, "rmi", image], capture_output=True, check=False)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the registry does not answer: {log.read_text()[-2000:]}")
