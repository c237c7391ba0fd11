"""What `up` found out about the images of a release; it becomes values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """The images to run.

    Attributes:
        reference: The Airflow image, or None where values and the chart's default decide.
        airflow_version: Its Airflow version, or None for the chart's default.
        revision: Id of the image, where its tag may be built again; "" where it cannot or is not known.
        special: Image of the task `special_image` of the kit's example DAGs; "" where there is none.
        looked: Whether this run has seen Airflow inside the image.
    """

    reference: str | None = None
    airflow_version: str | None = None
    revision: str = ""
    special: str = ""
    looked: bool = False
