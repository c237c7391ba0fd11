"""Publishes the kit: the chart, the image, what the image contains, and signatures of all of them, in one registry.

1. Package the chart. 2. Build the image. 3. Push both. 4. List what is in the image, and say what it was built from.
5. Sign both by their digests, and attach the lists to the image. `make publish REGISTRY=…` calls it; docs/releasing.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from kitctl.commands.console.errors import print_error
from kitctl.errors import ExitCode, KitError
from kitctl.images import recipes
from kitctl.model.image_ref import full, repository
from kitctl.model.versions import pin
from kitctl.tools.builders import builder
from kitctl.tools.process import run
from kitctl.tools.toolbox import tool

ROOT = Path(__file__).resolve().parent.parent
BUILD_TYPE = "https://kitctl.invalid/provenance/v1"
_LOCAL = re.compile(r"^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$)")

_LOGIN = "docker login REGISTRY    # Helm, buildah, syft and cosign use the log-in of docker"
_IDENTITIES = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SIGSTORE_ID_TOKEN")
"""Variables by which the jobs of GitHub and GitLab prove to Sigstore which workflow they are of."""


@dataclass(frozen=True)
class Order:
    """What to publish.

    Attributes:
        registry: Registry with the path below which everything goes: "ghcr.io/team".
        output: Folder for the package of the chart, the lists and the report.
        image: Image of the builder's storage to publish; "" builds the kit's own.
        platform: Platforms of the image that is built.
        key: Private key, or a reference that cosign knows; "" signs with the identity of the CI job.
        log: Whether signatures are noted in Sigstore's public log.
        dry_run: Build, and send nothing.
    """

    registry: str
    output: Path
    image: str
    platform: str
    key: str
    log: bool
    dry_run: bool

    @property
    def local(self) -> bool:
        """Whether the registry is on this machine, and has no TLS."""
        return bool(_LOCAL.match(self.registry))


@dataclass(frozen=True)
class Artifact:
    """What is in the registry: a name without tag, its tag, and its digest ("" in a dry run)."""

    name: str
    tag: str
    digest: str

    @property
    def exact(self) -> str:
        """The name that never means something else."""
        return f"{self.name}@{self.digest}"


def say(line: str) -> None:
    """Print a line of progress."""
    print(line, file=sys.stderr, flush=True)


def publish(order: Order) -> list[Artifact]:
    """Do all of it; returns the chart and the image."""
    _judge(order)
    order.output.mkdir(parents=True, exist_ok=True)
    package = _package(order)
    name, tag = _image(order)
    if order.dry_run:
        chart = Artifact(f"{order.registry}/charts/airflow", pin("kit.version"), "")
        say(f"publish: would push {chart.name}:{chart.tag} and {name}:{tag}, and sign both")
        return [chart, Artifact(name, tag, "")]
    chart, image = _push_chart(order, package), _push_image(order, name, tag)
    provenance = _written(order.output / "provenance.json", _provenance(image))
    sbom = _sbom(order, image)
    for artifact in (chart, image):
        _cosign(order, "sign", artifact)
    _cosign(order, "attest", image, "--type", "spdxjson", "--predicate", str(sbom))
    _cosign(order, "attest", image, "--type", "slsaprovenance1", "--predicate", str(provenance))
    _written(order.output / "release.json", [asdict(chart), asdict(image)])
    return [chart, image]


def _judge(order: Order) -> None:
    """Refuse an order that would end without signatures, before anything is sent."""
    identity = any(os.environ.get(name) for name in _IDENTITIES)
    if not (order.dry_run or order.key or identity):
        raise KitError(
            "signing-key-missing",
            "There is nothing to sign with",
            cause="No key is given, and this is no CI job with an identity of its own (OIDC)",
            fix="scripts/tool cosign generate-key-pair\n"
            f"make publish REGISTRY={order.registry} COSIGN_KEY=cosign.key    # its password in COSIGN_PASSWORD",
            code=ExitCode.USAGE,
        )


def _package(order: Order) -> Path:
    said = run([str(tool("helm")), "package", str(ROOT / "chart"), "--destination", str(order.output)])
    package = Path(said.stdout.strip().rpartition(": ")[2])
    say(f"publish: packaged {package}")
    return package


def _image(order: Order) -> tuple[str, str]:
    """Build the image, unless one is given; returns repository and tag in the registry."""
    name = f"{order.registry}/airflow"
    if order.image:
        tag = full(order.image).rpartition(":")[2]
        if not order.dry_run:
            builder.find().tag(full(order.image), f"{name}:{tag}")
        return name, tag
    options = recipes.ImageOptions(platform=order.platform)
    built = recipes.build(None, None, "", repository=name, options=options, progress=say)
    return name, built.image.rpartition(":")[2]


def _push_chart(order: Order, package: Path) -> Artifact:
    """Push the package; Helm prints the digest on stderr."""
    words = ["--plain-http"] if order.local else []
    done = run([str(tool("helm")), "push", str(package), f"oci://{order.registry}/charts", *words], fix=_LOGIN)
    found = re.search(r"Digest: (sha256:[0-9a-f]{64})", done.stdout + done.stderr)
    if not found:
        raise KitError("digest-unknown", f"helm does not say under which digest {package.name} was pushed", fix=_LOGIN)
    return _said(Artifact(f"{order.registry}/charts/airflow", pin("kit.version"), found[1]))


def _push_image(order: Order, name: str, tag: str) -> Artifact:
    _, digest = recipes.push(f"{name}:{tag}", platform=order.platform)
    return _said(Artifact(repository(name), tag, digest))


def _said(artifact: Artifact) -> Artifact:
    say(f"publish: pushed {artifact.exact} ({artifact.tag})")
    return artifact


def _sbom(order: Order, image: Artifact) -> Path:
    """List the packages of the image as it is in the registry, in the form of SPDX."""
    file = order.output / "airflow.spdx.json"
    env = {"SYFT_REGISTRY_INSECURE_USE_HTTP": "true"} if order.local else {}
    env |= {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
    run([str(tool("syft")), "scan", f"registry:{image.exact}", "--quiet", "--output", f"spdx-json={file}"], env=env)
    say(f"publish: listed the packages of the image in {file}")
    return file


def _provenance(image: Artifact) -> dict[str, object]:
    """Say what the image was built from, and where, as SLSA's provenance describes it."""
    env = os.environ
    commit = run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], check=False).stdout.strip()
    changed = run(["git", "-C", str(ROOT), "status", "--porcelain"], check=False).stdout.strip()
    source = f"{env.get('GITHUB_SERVER_URL', '')}/{env.get('GITHUB_REPOSITORY', '')}".strip("/")
    job = f"{source}/actions/runs/{env['GITHUB_RUN_ID']}" if "GITHUB_RUN_ID" in env else ""
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"image": image.name, "tag": image.tag, "changed": bool(changed)},
            "resolvedDependencies": [{"uri": f"git+{source}" if source else "", "digest": {"gitCommit": commit}}],
        },
        "runDetails": {
            "builder": {"id": env.get("GITHUB_WORKFLOW_REF", "a machine without CI")},
            "metadata": {"invocationId": job, "finishedOn": datetime.now(UTC).isoformat(timespec="seconds")},
        },
    }


def _cosign(order: Order, verb: str, artifact: Artifact, *words: str) -> None:
    """Sign an artifact, or attach a signed statement to it. The key's password comes from COSIGN_PASSWORD."""
    argv = [str(tool("cosign")), verb, "--yes", *words]
    argv += ["--key", order.key] if order.key else []
    argv += ["--allow-http-registry"] if order.local else []
    if not order.log:
        # A list of services without any: nothing is sent to a server other than the registry.
        config = order.output / "signing-config.json"
        run([str(tool("cosign")), "signing-config", "create", "--out", str(config)])
        argv += ["--signing-config", str(config)]
    run([*argv, artifact.exact], error_id="signing-failed", fix=_LOGIN)
    say(f"publish: {'signed' if verb == 'sign' else f'attached {words[1]} to'} {artifact.exact}")


def _written(file: Path, document: object) -> Path:
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return file


def _order(argv: list[str]) -> Order:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registry", help="registry with the path below which everything goes: ghcr.io/team")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for what is made (default: dist)")
    parser.add_argument("--image", default="", help="image of the builder's storage, instead of building one")
    parser.add_argument("--platform", default="", help="platforms of the image: linux/amd64,linux/arm64")
    parser.add_argument("--key", default="", help="cosign's private key; without one, the identity of the CI job")
    parser.add_argument("--no-log", action="store_true", help="note no signature in Sigstore's public log")
    parser.add_argument("--dry-run", action="store_true", help="build everything, and send nothing")
    given = parser.parse_args(argv)
    return Order(
        given.registry.rstrip("/"),
        given.output.absolute(),
        given.image,
        given.platform,
        given.key,
        not given.no_log,
        given.dry_run,
    )


def main(argv: list[str]) -> int:
    """Publish; errors are printed as those of kitctl."""
    try:
        for artifact in publish(_order(argv)):
            print(artifact.exact if artifact.digest else f"{artifact.name}:{artifact.tag}")
    except KitError as error:
        print_error(error, as_json=False)
        return int(error.code)
    except KeyboardInterrupt:
        say("publish: interrupted; run it again, what the registry has is not sent twice")
        return int(ExitCode.INTERRUPTED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
