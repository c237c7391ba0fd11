"""Nodes on which the image runs."""

from __future__ import annotations

from kitctl.model.image_ref import full, made_from_content
from kitctl.release.rollout import image_of
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good, warning

CHECK = Check(
    "nodes with the architecture of this machine, for which the image is built; a warning if some have another",
    "an image that was built here",
)
_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


def look(facts: Facts) -> Outcome:
    """Compare the nodes with this machine. Of other images, only a node that pulls them can tell."""
    reference = image_of(facts.objects)
    if reference and not made_from_content(full(reference)):
        return absent(f"{reference} was not built here; the check image asks a node")
    mine = _NAMES.get(facts.host.machine.lower(), facts.host.machine.lower())
    nodes = {node.name: node.arch for node in facts.kube.nodes() if node.arch}
    other = [f"{name} ({arch})" for name, arch in nodes.items() if arch != mine]
    if not other:
        return good(f"image and nodes are for {mine}")
    if len(other) == len(nodes):
        return error(
            f"No node is {mine}, as the image is: {', '.join(other)}",
            "kitctl image build --platform linux/ARCH    # then push it, and: kitctl up --image REF",
        )
    return warning(
        f"The image is for {mine}, and these nodes are not: {', '.join(other)}",
        f"pods: {{nodeSelector: {{kubernetes.io/arch: {mine}}}}}    # in values.yaml",
        "Pods would end there with `exec format error`",
    )
