"""A cluster that answers."""

from __future__ import annotations

from kitctl.model.options.purpose import Purpose
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, refused, warning

CHECK = Check("a kube context, and a cluster that answers; a warning if kitctl up brings it back", seconds=60)


def look(facts: Facts) -> Outcome:
    """Connect."""
    place = facts.place
    if place.kube:
        return good(f"The context {place.kube.context} answers at {place.kube.server}")
    if place.trouble and place.ours and place.trouble.id == "context-missing":
        return warning(f"The cluster {facts.settings.cluster} has no kube context", "kitctl up    # writes it again")
    if place.trouble:
        # Processes of a node end with a reboot, for example: `up` starts it again.
        return refused(place.trouble, "warning" if place.ours else "error")
    if facts.purpose is Purpose.DEPLOY:
        words = f"There is no cluster {facts.settings.cluster}, and deploy makes none"
        return error(words, "kitctl cluster create    # or name the context of another one: --context NAME")
    return good(f"There is no cluster {facts.settings.cluster} yet; up makes it ({place.provider})")
