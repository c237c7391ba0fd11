"""What every image build has in common: skip what is there, hand the network's facts over, tell why it failed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.images import versions
from kitctl.model.image_ref import copy, files, made_from_content
from kitctl.model.settings import cache_dir
from kitctl.tools.builders import builder, emulation, network
from kitctl.tools.process import ECHO

Progress = Callable[[str], None]
_MARK = re.compile(r"KITCTL-ERROR (\{.*\})")
_FOREIGN = re.compile(r"exec format error", re.IGNORECASE)
"""What the kernel says of a program for another processor."""
_NO_VERSION = re.compile(r"there\s+is\s+no\s+version\s+of\s+apache-airflow==([^\s,]+)")
"""What uv says of a version that the package index does not have."""
_BY = {"": "your file", "constraints": "your constraints file"}
_FILE, _FOLDER = 0o044, 0o055
"""Permissions that group and others need for a file and for a folder."""
_STREAM = 2
"""Verbosity (-vv) at which the builder's own output is passed through."""


@dataclass(frozen=True)
class ImageOptions:
    """How images are built.

    Attributes:
        builder: "docker", "podman", "buildah" or "auto".
        platform: For example "linux/arm64"; empty means this machine's.
        ca_bundle: PEM file for the build's network; None means this machine's own trust.
        airflow_version: Version to install; empty means the pinned one.
        base_image: Base of the kit's own Airflow image; empty means the pinned Debian.
        python_version: Python that the base must have, for example "3.12"; empty with a base of the user's own.
        extras: Providers added to the kit's own image, separated by commas, of its lock.
        extra_requirements: Requirements added to the kit's own image, separated by blanks.
        layer_cache: Repository whose layers are used, and which gets those that are built; empty for none.
        check_env: Variables of the release while DAG files are imported, such as PYTHONPATH.
        dry_run: Build nothing, say what would be built.
    """

    builder: str = "auto"
    platform: str = ""
    ca_bundle: Path | None = None
    airflow_version: str = ""
    base_image: str = ""
    python_version: str = ""
    extras: str = ""
    extra_requirements: str = ""
    layer_cache: str = ""
    check_env: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True)
class Built:
    """An image that is there.

    Attributes:
        image: Full reference, named by content.
        airflow_version: Version of Airflow inside; empty where there is none.
        built: Whether this call built it.
        builder: Name of the builder whose storage holds it.
    """

    image: str
    airflow_version: str
    built: bool
    builder: str


def archive_path(reference: str, image_id: str | None = None) -> Path:
    """Return where the archive of an image is kept.

    Args:
        reference: Full reference.
        image_id: Id of the image; needed for names that are not made from content.
    """
    stem = re.sub(r"[/:@]", "_", reference)
    if not made_from_content(reference):
        stem += f"_{(image_id or 'unknown')[:12]}"
    return cache_dir() / "images" / f"{stem}.tar"


def make(tool: builder.Builder, order: builder.Build, options: ImageOptions, progress: Progress) -> bool:
    """Build an image unless its content is already in the storage or in the cache of archives.

    Args:
        tool: The builder.
        order: What to build; secrets and caches are added here.
        options: Of the user.
        progress: Takes one line per step.

    Returns:
        Whether it was built.

    Raises:
        KitError: `image-build-failed`, or the error that a build script reported.
    """
    if tool.image_id(order.tag) is not None:
        return False
    if (archive := archive_path(order.tag)).is_file():
        progress(f"image: {order.tag} comes from the cache")
        tool.load(archive)
        return False
    if options.dry_run:
        progress(f"image: would build {order.tag} with {tool.name}")
        return False
    progress(f"image: building {order.tag} with {tool.name}")
    with network.secrets(options.ca_bundle) as secrets, _readable(order.context) as context:
        full_order = replace(
            order,
            context=context,
            dockerfile=context / order.dockerfile.relative_to(order.context),
            secrets={**order.secrets, **secrets},
            cache=cache_dir() / "build",
            layer_cache=options.layer_cache,
            platform=options.platform,
        )
        done = tool.build(full_order, stream=ECHO.verbose >= _STREAM)
    if not done.ok:
        raise failure(order.tag, done.stdout + done.stderr, tool.name, options.platform)
    return True


@contextmanager
def _readable(context: Path) -> Iterator[Path]:
    """Yield a build context whose files every user of the image may read.

    COPY keeps modes. In a checkout that was made with a umask of 077 only the owner may read the files, and the image's
    user is another one.
    """
    content = files(context)
    folders = {parent for path in content for parent in path.relative_to(context).parents if parent.name}
    closed = [path for path in content if _FILE & ~path.stat().st_mode]
    closed += [folder for folder in folders if _FOLDER & ~(context / folder).stat().st_mode]
    if not closed:
        yield context
        return
    with TemporaryDirectory(prefix="kitctl-context-") as folder:
        yield copy(context, Path(folder) / "context")


def failure(tag: str, output: str, tool: str = "", platform: str = "") -> KitError:
    """Turn a failed build's output into an error: the one that a build script reported, else the last lines."""
    log = cache_dir() / "images" / "last-failed-build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(output, encoding="utf-8")
    if found := _MARK.search(output):
        return _reported(json.loads(found[1]))
    if missing := _NO_VERSION.search(output):
        return versions.unknown(missing[1], " ".join(missing[0].split()))
    if platform and _FOREIGN.search(output):
        return emulation.not_runnable([platform], tool)
    return KitError(
        "image-build-failed",
        f"The image {tag} could not be built",
        cause="\n".join(output.strip().splitlines()[-12:]),
        fix=f"less {log}    # the whole output; -vv shows it while it builds",
    )


def _reported(report: dict[str, Any]) -> KitError:
    """Give words to what docker/dags/*.py found inside the image."""
    if report["id"] == "requirements-conflict":
        found = report["conflicts"]
        cause = "\n".join(
            f"{c['package']}: {_BY.get(c['by'], c['by'])} wants {c['wanted']}, the image has {c['installed']}"
            for c in found
        )
        return KitError(
            "requirements-conflict",
            f"The requirements conflict with Airflow's own dependencies: {', '.join(c['package'] for c in found)}",
            cause=cause,
            fix="\n".join(_way_out(c) for c in found)
            + "\nor run that task elsewhere: @task.virtualenv, KubernetesPodOperator, its own image (pod_override)",
            code=ExitCode.PREFLIGHT,
        )
    if report["id"] == "dag-import-failed":
        files = report["files"]
        return KitError(
            "dag-import-failed",
            f"{len(files)} DAG file{'s do' if len(files) > 1 else ' does'} not import: {', '.join(sorted(files))}",
            cause="\n".join(f"{name}:\n{text.strip()}" for name, text in sorted(files.items())),
            fix="Correct the file, or list it in .airflowignore; `kitctl image build --no-check` builds it anyway",
            code=ExitCode.PREFLIGHT,
        )
    if report["id"] == "airflow-does-not-start":
        return versions.does_not_start(report["version"], str(report["cause"]))
    if report["id"] == "dags-empty":
        return empty("None of its files defines a DAG")
    return KitError(
        "requirements-not-installed",
        "pip could not install the requirements",
        cause=str(report.get("cause", "")),
        fix=_way_in(str(report.get("cause", ""))),
    )


def _way_in(said: str) -> str:
    """Return what helps with one of pip's messages."""
    if re.search(r"Cannot find command|git\+ssh|Permission denied \(publickey\)|Host key verification", said):
        return (
            "The build has no SSH key. Use HTTPS with a token: NAME @ git+https://${TOKEN}@HOST/TEAM/REPO.git@TAG\n"
            "export TOKEN=…"
        )
    if re.search(r"\b40[13]\b|[Uu]nauthorized|could not read Username|Authentication failed", said):
        return (
            "Check the user name and the token: --extra-index-url https://USER:${TOKEN}@HOST/simple\n"
            "export TOKEN=…    # it reaches pip as a secret of the build, and no layer of the image"
        )
    return "Check the names and versions, and that the package index answers (PIP_INDEX_URL, --ca-bundle)"


def _way_out(conflict: dict[str, str]) -> str:
    """Return the line that solves one conflict."""
    package, installed, by = conflict["package"], conflict["installed"], conflict["by"]
    if by == "constraints":
        return f"Remove {package} from your constraints, or write {package}=={installed} there"
    if not by:
        return f"{package}=={installed}"
    return f"Ask for a version of {by.split()[0]} that accepts {package} {installed}"


def empty(cause: str) -> KitError:
    """Return the error of a DAG folder that gives Airflow nothing."""
    return KitError(
        "dags-empty",
        "The DAG folder defines no DAG",
        cause=cause,
        fix="Name the folder with your DAG files: --dags PATH; `kitctl image build --no-check` builds it anyway",
        code=ExitCode.PREFLIGHT,
    )
