"""The values of a release as Helm remembers them; what Helm cannot read is never taken for "no values"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.tools.helm.client import Helm
    from kitctl.tools.kube.client import Kube


def remembered(kube: Kube, helm: Helm, settings: Settings) -> dict[str, Any]:
    """Return all values of a release, defaults included; {} where Helm does not know it (Argo CD, `kubectl apply`).

    Raises:
        KitError: `forbidden`, `cluster-unreachable`, `helm-failed`, or `helm-record-broken`.
    """
    from kitctl.tools.helm.records import records  # noqa: PLC0415 - keeps what needs no values fast

    found = helm.values(settings.release, settings.namespace, all_values=True)
    if found is None:
        # Helm passes over records that it cannot decode, and then says that there is no such release.
        records(kube, settings.namespace, settings.release)
    return found or {}
