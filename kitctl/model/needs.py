"""What a machine must have to carry a cluster with a release: `doctor` tells it and the built-in node refuses by it."""

GIB = 1024**3
MEMORY = 3 * GIB
"""Bytes of memory: about 1 GiB each for Kubernetes and for Airflow with its database, and tasks on top."""
DISK = 5 * GIB
"""Bytes of free disk for images, database and logs."""
