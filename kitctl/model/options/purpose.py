"""What a machine or a cluster is checked for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """Values of `kitctl doctor --for`."""

    UP = "up"
    DEPLOY = "deploy"
    BUILD = "build"
