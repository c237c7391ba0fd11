"""What `up` can learn about this machine without changing it."""

from __future__ import annotations

from kitctl import clusters
from kitctl.clusters.base import Cluster
from kitctl.model.options.up import UpOptions
from kitctl.model.user_values import UserValues
from kitctl.release.image_choice import loadable
from kitctl.tools.builders import builder, network


def check(cluster: Cluster, options: UpOptions, user: UserValues, *, machine: bool) -> None:
    """Ask whether images can be built and loaded, and, with `machine`, whether this machine can carry the cluster.

    Args:
        cluster: The cluster that is meant.
        options: The flags.
        user: The user's values.
        machine: Look at the machine, too. A real `up` leaves that to the provider, which may install what is missing.

    Raises:
        KitError: of the provider; `image-load-unsupported`, `builder-unknown`, `builder-missing`, `ca-bundle-missing`.
    """
    if machine and cluster.made_by_kit and not cluster.exists():
        clusters.check(cluster.provider, cluster.name)
    loadable(cluster, options)
    if options.ca_bundle:
        network.ca_bundle(options.ca_bundle)
    # Nodes that pull need no builder, and an image that the values name may be on the node already.
    builds = options.dags or options.requirements
    if options.builder or builds or (not cluster.pulls_images and (options.image or not user.mention("image"))):
        builder.find(options.builder or "")
