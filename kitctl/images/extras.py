"""Extras of the kit's own Airflow image: packages that `kitctl image build --extras` adds, locked like the rest."""

from __future__ import annotations

import difflib
import re

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir

_PACKAGE = re.compile(r"^(?:apache-airflow-providers-)?([a-z0-9-]+)$", re.MULTILINE)


def known() -> list[str]:
    """Return the names that the lock holds."""
    text = (data_dir("docker") / "airflow" / "requirements-extras.in").read_text(encoding="utf-8")
    return sorted(_PACKAGE.findall(text))


def chosen(extras: str, base_image: str = "") -> str:
    """Return the names of a comma-separated list in their one form: sorted, each once, with dashes.

    Args:
        extras: For example "google,microsoft.azure".
        base_image: An Airflow image of the user's below the DAGs; "" for the kit's own.

    Raises:
        KitError: `extras-unknown`, `extras-base-image`.
    """
    names = sorted({re.sub(r"[._]", "-", name.strip().lower()) for name in extras.split(",") if name.strip()})
    if names and base_image:
        raise KitError(
            "extras-base-image",
            f"--extras cannot change the image {base_image}",
            cause="Extras are installed when kitctl builds its own Airflow image; --base-image replaces that image",
            fix="Leave out --base-image, or list the providers in a requirements file: --requirements FILE",
            code=ExitCode.USAGE,
        )
    have = known()
    for name in names:
        if name not in have:
            meant = difflib.get_close_matches(name, have, 1)
            raise KitError(
                "extras-unknown",
                f"{name} is not an extra of the Airflow image" + (f". Did you mean {meant[0]}?" if meant else ""),
                cause=f"The locked extras are {', '.join(have)}",
                fix=f"Add apache-airflow-providers-{name} to a requirements file: --requirements FILE",
                code=ExitCode.USAGE,
            )
    return ",".join(names)
