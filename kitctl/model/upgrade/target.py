"""The versions between which an upgrade goes, and those that are refused."""

from __future__ import annotations

from collections.abc import Collection

from packaging.version import InvalidVersion, Version

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import pin

_SHOWN = 5


def parse(text: str) -> Version:
    """Read the version of --to.

    Raises:
        KitError: `airflow-version-invalid`, `upgrade-target-too-old` (code USAGE).
    """
    try:
        version = Version(text)
    except InvalidVersion as exc:
        raise KitError(
            "airflow-version-invalid",
            f"{text!r} is not a version of Airflow",
            cause="--to takes a version as on PyPI, such as 3.3.2",
            fix=f"kitctl upgrade-check --to {pin('airflow.version')}",
            code=ExitCode.USAGE,
        ) from exc
    minimum = pin("airflow.minimum")
    if version < Version(minimum):
        raise KitError(
            "upgrade-target-too-old",
            f"Airflow {version} is too old for kitctl, which runs {minimum} and later",
            cause="The chart and the images are for Airflow 3"
            if version.major < Version(minimum).major
            else "In older versions a task can read the tokens of other tasks",
            fix=f"kitctl upgrade-check --to {pin('airflow.version')}",
            code=ExitCode.USAGE,
        )
    return version


def known(version: Version, published: Collection[Version]) -> Version:
    """Return a version as the index writes it: `3.3` is 3.3.0.

    Raises:
        KitError: `airflow-version-unknown` (code USAGE).
    """
    found = next((one for one in published if one == version), None)
    if found is not None:
        return found
    # The nearest names of the same minor version say more than the newest of all.
    same = [one for one in published if one.release[:2] == version.release[:2]]
    stable = sorted((one for one in same or published if not one.is_prerelease), reverse=True)
    raise KitError(
        "airflow-version-unknown",
        f"The package index has no apache-airflow {version}",
        cause=f"It has {', '.join(map(str, stable[:_SHOWN]))}" if stable else "It has no version of it",
        fix=f"kitctl upgrade-check --to {stable[0] if stable else pin('airflow.version')}",
        code=ExitCode.USAGE,
    )


def refuse_downgrade(current: Version | None, source: str, target: Version) -> None:
    """Refuse to go back.

    Raises:
        KitError: `upgrade-is-downgrade` (code USAGE).
    """
    if current is None or target >= current:
        return
    raise KitError(
        "upgrade-is-downgrade",
        f"Airflow {target} is older than {current}",
        cause=f"{source} {current}. An older Airflow refuses the database of a newer one",
        fix="Choose a newer version: --to VERSION\n"
        "To go back, restore a backup from before the upgrade (docs/postgres.md)",
        code=ExitCode.USAGE,
    )
