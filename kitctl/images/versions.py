"""Which Airflow an image holds, and whether the kit can run it."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_ref import AIRFLOW, VERSION_LABELS, full
from kitctl.model.versions import data_dir, pin
from kitctl.tools.builders import builder

ASK_VERSION = """
import importlib.metadata as m
for name in ("apache-airflow-core", "apache-airflow"):
    try:
        print("AIRFLOW", m.version(name))
        break
    except m.PackageNotFoundError:
        pass
"""
"""Program for the image's Python, which prints what `ANSWER` finds."""

ANYWAY = "To deploy without this check: --no-check-image"
ANSWER = r"^AIRFLOW (\S+)$"
_OFFICIAL_TAG = re.compile(r"(?:slim-)?(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)(?:-python\d+\.\d+)?")
_FIRST = "1.10.0"
"""No official image has an Airflow below it: a lower number under the name airflow is a team's own count."""


def tag_version(reference: str) -> str:
    """Return the version that a tag of the official form tells, "" where it tells none.

    Only images that are called airflow are judged: 2.9.0 of anything else is that thing's own number. "latest" and
    names of other forms tell nothing, and neither does a digest alone.

    Args:
        reference: For example "apache/airflow:slim-3.0.1-python3.12".
    """
    repository, _, tag = reference.partition("@")[0].rpartition("/")[2].partition(":")
    found = _OFFICIAL_TAG.fullmatch(tag)
    return found[1] if found and repository == "airflow" and Version(found[1]) >= Version(_FIRST) else ""


def official_version(reference: str) -> str:
    """Return the version of an official image or a mirror of it, whose tag can be trusted; "" for all others."""
    name = reference.partition("@")[0].rpartition(":")[0]
    return tag_version(reference) if f"/{name}".endswith("/apache/airflow") else ""


def kit_version(reference: str) -> str:
    """Return the version of Airflow that the tag of an image of the kit's own begins with; "" for all others."""
    repository, _, tag = full(reference).partition("@")[0].rpartition(":")
    found = re.match(r"(\d+\.\d+\.\d+)-", tag)
    return found[1] if found and repository == AIRFLOW else ""


def airflow_version(reference: str, tool: builder.Builder | None = None) -> str:
    """Return the version of Airflow inside an image of the builder's storage.

    Args:
        reference: Any Airflow image.
        tool: The builder; None means the one that answers.

    Raises:
        KitError: `image-no-airflow`, `image-too-old`, `image-missing`.
    """
    tool = tool or builder.find()
    name = full(reference)
    labels = tool.labels(name)
    version = next((labels[label] for label in VERSION_LABELS if labels.get(label)), "")
    if not version:
        answer = tool.run(name, ["python", "-c", ASK_VERSION], timeout=60)
        found = re.search(ANSWER, answer.stdout, re.MULTILINE)
        if found is None:
            raise no_airflow(reference, has_python=answer.ok)
        version = found[1]
    new_enough(version, f"The image {reference}")
    return version


def wanted(text: str) -> str:
    """Return the version that the kit's own image is built with: the pinned one if none is asked for.

    Raises:
        KitError: `airflow-version-invalid`, `image-too-old`.
    """
    if not text:
        return pin("airflow.version")
    try:
        version = str(Version(text))
    except InvalidVersion as exc:
        raise KitError(
            "airflow-version-invalid",
            f"{text!r} is not a version of Airflow",
            cause="--airflow-version takes a version as on PyPI, such as 3.3.2",
            fix=f"kitctl image build --airflow-version {pin('airflow.version')}",
            code=ExitCode.USAGE,
        ) from exc
    new_enough(version, "The image asked for")
    return version


def python_wanted(text: str) -> str:
    """Return the Python that a base must have, such as 3.13; "" for any.

    Raises:
        KitError: `python-version-invalid` (code USAGE).
    """
    if text and not re.fullmatch(r"3\.\d+", text):
        short = re.match(r"3\.\d+(?=\.)", text)
        raise KitError(
            "python-version-invalid",
            f"{text!r} is not a version of Python that a base image can be asked for",
            cause="--python-version takes two numbers, such as 3.13; which patch release it is, the base image decides",
            fix=f"kitctl image build --python-version {short[0] if short else pin('airflow.python')}",
            code=ExitCode.USAGE,
        )
    return text


def tried() -> list[str]:
    """Return the versions that the kit's own image has locked or constrained packages for, newest first."""
    older = (path.stem for path in (data_dir("docker") / "airflow" / "constraints").glob("*.txt"))
    return [str(version) for version in sorted(map(Version, {pin("airflow.version"), *older}), reverse=True)]


def unknown(version: str, cause: str) -> KitError:
    """Return the error of a version that the package index does not have."""
    return KitError(
        "airflow-version-unknown",
        f"The package index has no apache-airflow {version}",
        cause=cause,
        fix=f"kitctl image build --airflow-version {pin('airflow.version')}    # or {', '.join(tried()[1:])}",
        code=ExitCode.USAGE,
    )


def does_not_start(version: str, cause: str) -> KitError:
    """Return the error of a version that does not run with the packages that the index has for it today."""
    return KitError(
        "airflow-does-not-start",
        f"Airflow {version} does not start with the packages that the index has today",
        cause=f"{cause}\nkitctl knows which packages work with {', '.join(tried())}",
        fix=f"kitctl image build --airflow-version {pin('airflow.version')}\n"
        f"or use the official image, which has the packages of its time: --image {pin('airflow.image')}:{version}",
        code=ExitCode.PREFLIGHT,
    )


def no_airflow(reference: str, *, has_python: bool, more: str = "") -> KitError:
    """Return the error of an image without Airflow; `more` is one more line of its fix."""
    start = f"Build it on {pin('airflow.image')}:{pin('airflow.version')} or on the kit's own image"
    return KitError(
        "image-no-airflow",
        f"The image {reference} does not contain Airflow",
        cause="Its Python has no package apache-airflow" if has_python else "No Python starts in it",
        fix=f"{start}\n{more}" if more else start,
        code=ExitCode.PREFLIGHT,
    )


def new_enough(version: str, what: str, more: str = "") -> None:
    """Refuse a version below the minimum of versions.toml.

    Args:
        version: As the image or the user says it.
        what: Subject of the error's sentence.
        more: One more line of the error's fix.

    Raises:
        KitError: `image-too-old`.
    """
    minimum = pin("airflow.minimum")
    try:
        fine = Version(version) >= Version(minimum)
    except InvalidVersion:
        fine = False
    if not fine:
        raise KitError(
            "image-too-old",
            f"{what} has Airflow {version}; the kit needs {minimum} or newer",
            cause="In older versions a task can read the tokens of other tasks",
            fix=f"Use Airflow {pin('airflow.version')}" + (f"\n{more}" if more else ""),
            code=ExitCode.PREFLIGHT,
        )
