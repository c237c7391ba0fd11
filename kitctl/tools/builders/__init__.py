"""Image builders: docker, podman and buildah behind one interface."""
