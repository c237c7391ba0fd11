"""What the user of `kitctl upgrade-check` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Attributes:
        to: Version to upgrade to.
        dags: DAG folder; None for none.
        requirements: Requirements that the new image gets; None for none.
        image: Image of today; "" means the one that runs or that the values name, or else the kit's own.
        new_image: Image with the new version; "" means one of the kit's, which is built.
        template_dir: The user's Jinja templates; None for none.
        extras: Providers that the kit's image gets, separated by commas.
        ca_bundle: Certificates for the build; None means those of this machine.
        use_image: Whether an image may be built and run.
        use_cluster: Whether the release that runs may be asked.
        strict: Whether warnings, and what could not be checked, forbid the upgrade.
    """

    to: str
    dags: Path | None = None
    requirements: Path | None = None
    image: str = ""
    new_image: str = ""
    template_dir: Path | None = None
    extras: str = ""
    ca_bundle: Path | None = None
    use_image: bool = True
    use_cluster: bool = True
    strict: bool = False
