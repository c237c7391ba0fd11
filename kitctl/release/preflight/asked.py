"""What comes of a check that asks a server from inside the cluster, unless it is refused by an error."""

from __future__ import annotations

from enum import Enum


class Asked(Enum):
    """Whether a server could be asked. `deploy` goes on in any case; `doctor` tells the difference."""

    NOTHING = "the release has no such server, or needs no look at it"
    UNKNOWN = "it could not be asked; the last note says why"
    FINE = "it can be used"
